/**
 * Words that others choose (ids, owners, contexts) as a text column can hold them: PostgreSQL takes no NUL and no half of a
 * surrogate pair, and our statements separate values by control characters. Ordinary words stay as they are; no two become
 * the same.
 */
const extraordinary = /[\p{Cc}\p{Cs}\\]/u;

export function toColumn(word: string): string {
  return extraordinary.test(word) ? JSON.stringify(word).slice(1, -1) : word;
}

export function fromColumn(text: string): string {
  // Only what was escaped holds a backslash.
  return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text; // a JSON string is a string
}
