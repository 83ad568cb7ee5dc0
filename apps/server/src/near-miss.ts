/** Guesses what somebody meant to write, so that a misspelt key is found in a second and not in an hour. */

/** The known word nearest to `word`, where it is near enough to be a slip: other case, other dashes, one or two letters. */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  const bare = normalize(word);
  const reach = bare.length < 5 ? 1 : 2;
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(bare, normalize(candidate)) }))
    .filter(({ candidate, distance }) => distance <= reach || normalize(candidate) === `${bare}s`)
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.candidate;
}

/** ` (did you mean "port"?)`, or nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  const nearest = nearestWord(word, known);
  return nearest === undefined ? '' : ` (did you mean ${nearest}?)`;
}

const normalize = (word: string) => word.toLowerCase().replaceAll(/[^a-z0-9.]/g, '');

/** Letters to insert, drop, replace or swap with their neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        at(last, j) + 1,
        at(row, j - 1) + 1,
        at(last, j - 1) + (same ? 0 : 1),
        swapped ? at(beforeLast, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

const at = (row: readonly number[], index: number) => row[index] ?? Number.POSITIVE_INFINITY;
