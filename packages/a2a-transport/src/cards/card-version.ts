const readable = /^v?(\d{1,9}(?:\.\d{1,9}){0,7})(-[0-9A-Za-z.-]{1,64})?(?:\+[0-9A-Za-z.-]{1,64})?$/;

/**
 * Below 0 where the first version is older, above where it is newer. Numbers between dots count, missing ones are 0, and
 * a pre-release (`1.2.0-rc.1`) is older than its release; build metadata says nothing. `undefined` where nobody can
 * tell: A2A leaves a card's version to its writer, who may count otherwise.
 */
export function compareCardVersions(first: string, second: string): number | undefined {
  if (first === second) return 0;
  const [a, b] = [readable.exec(first), readable.exec(second)];
  if (!a || !b) return undefined;
  return compareNumbers(a[1] ?? '', b[1] ?? '') || comparePreReleases(a[2] ?? '', b[2] ?? '');
}

function compareNumbers(a: string, b: string): number {
  const [left, right] = [a.split('.'), b.split('.')];
  const places = Array.from({ length: Math.max(left.length, right.length) }, (_, place) => place);
  const orders = places.map((place) => Number(left[place] ?? 0) - Number(right[place] ?? 0));
  return orders.find((order) => order !== 0) ?? 0;
}

/** Without one it is the release, which is newer. Numbers in them compare as numbers (`rc.10` after `rc.9`). */
function comparePreReleases(a: string, b: string): number {
  if (a === '' || b === '') return Number(a === '') - Number(b === '');
  return a.localeCompare(b, 'en', { numeric: true });
}
