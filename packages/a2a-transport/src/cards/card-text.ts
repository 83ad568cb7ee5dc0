/** What a terminal obeys, what turns text around, and what nobody sees: controls, formats, separators, half characters. */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * A card's words, fit for a terminal, a log or a page of text: on one line, with every character that would act rather
 * than show written out as `\u{1b}`. Who the card's writer is does not matter: a name is shown, never obeyed.
 */
export function escapeCardText(text: string): string {
  return text.replace(unsafe, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
