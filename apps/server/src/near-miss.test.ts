import { expect, test } from 'vitest';
import { nearestWord } from './near-miss.ts';

const known = ['port', 'strictPort', 'dataDir', 'seeds', 'name', 'log.level'];

test.each([
  ['prot', 'port'],
  ['strict-port', 'strictPort'],
  ['STRICT_PORT', 'strictPort'],
  ['datadir', 'dataDir'],
  ['seed', 'seeds'],
  ['nmae', 'name'],
  ['log.leval', 'log.level'],
  ['host', undefined],
  ['constructor', undefined],
  ['', undefined],
])('%s is taken for %s', (word, meant) => {
  expect(nearestWord(word, known)).toBe(meant);
});
