/** The keys that an interface has, so that one that is added to it and forgotten here does not compile. */
export type KeysOf<T> = Record<keyof Required<T>, true>;

/**
 * Refuses what nobody reads: an option that is spelt wrong would otherwise be as good as never said, and a store that was
 * handed in under another name be found missing with the first restart.
 *
 * `meant` knows what people say who come from elsewhere.
 */
export function assertKnownOptions(
  given: object,
  known: Readonly<Record<string, true>>,
  { where = '', meant = {} }: { where?: string; meant?: Readonly<Record<string, string>> } = {},
): void {
  const names = Object.keys(known);
  for (const key of Object.keys(given)) {
    if (Object.hasOwn(known, key)) continue;
    const guess = Object.hasOwn(meant, key) ? meant[key] : nearest(key, names);
    const hint = guess === undefined ? '' : `did you mean ${where}${guess}? `;
    throw new TypeError(`There is no option ${where}${key}: ${hint}Known are ${names.join(', ')}`);
  }
}

/** The one of another case, with a slip of a letter or two, or that is a part of it or the other way round. */
function nearest(key: string, names: readonly string[]): string | undefined {
  const low = key.toLowerCase();
  const within = (a: string, b: string) => b.length >= 4 && a.includes(b);
  return (
    names.find((name) => name.toLowerCase() === low) ??
    names.find((name) => isSlip(low, name.toLowerCase())) ??
    names.find((name) => within(name.toLowerCase(), low) || within(low, name.toLowerCase()))
  );
}

/** Whether a letter or two in one place are all that tells them apart. */
function isSlip(a: string, b: string): boolean {
  const longer = Math.max(a.length, b.length);
  let head = 0;
  while (head < longer && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < longer - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  return longer >= 4 && longer - head - tail <= 2;
}
