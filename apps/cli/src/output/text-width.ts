/** How wide a text is on a terminal, and how it is made narrower: colours take no room and are never cut in two. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with a control character
const COLOR = /\u001b\[[0-9;]*m/g;
// What terminals draw two columns wide: East Asian scripts and pictures.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

const charWidth = (char: string) => (WIDE.test(char) ? 2 : /\p{Mn}/u.test(char) ? 0 : 1);

/** Columns that a terminal gives this text. */
export function displayWidth(text: string): number {
  return [...text.replaceAll(COLOR, '')].reduce((sum, char) => sum + charWidth(char), 0);
}

/** The same text where it fits, else its beginning and `…`. What ends a colour stays. */
export function cutTo(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  const colors = text.match(COLOR) ?? [];
  let room = width - 1;
  let isCut = false;
  const keep = (char: string) => {
    if (isCut) return '';
    room -= charWidth(char);
    if (room >= 0) return char;
    isCut = true;
    return '…';
  };
  const parts = text.split(COLOR).map((part) => [...part].map(keep).join(''));
  return parts.map((part, index) => part + (colors[index] ?? '')).join('');
}

/** Longer names are cut where somebody watches: 63 characters would leave no room for what they did. */
const NAME_WIDTH = 24;

export const cutName = (name: string, terminalWidth: number): string =>
  Number.isFinite(terminalWidth) ? cutTo(name, NAME_WIDTH) : name;
