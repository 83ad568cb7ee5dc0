import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { LinkedList, type Place } from './linked-list.ts';
import { LinkedMap } from './linked-map.ts';

/** What stands in line for a while: each that enters takes the place of one that leaves. */
interface Passage {
  enter(value: object): void;
  leave(): void;
}

function throughList(): Passage {
  const list = new LinkedList<object>();
  const places: Place<object>[] = [];
  return {
    enter: (value) => void places.push(list.add(value)),
    leave() {
      const place = places.shift();
      if (place) list.remove(place);
    },
  };
}

function throughMap(): Passage {
  const map = new LinkedMap<object>();
  let [entered, left] = [0, 0];
  return {
    enter: (value) => map.set(`value ${entered++}`, value),
    leave: () => map.delete(`value ${left++}`),
  };
}

/** Nobody stands in line: what the machine itself does with what is made and dropped. */
const nowhere = (): Passage => ({ enter: () => {}, leave: () => {} });

const oldBytes = () => getHeapSpaceStatistics().find((space) => space.space_name === 'old_space')?.space_used_size ?? 0;
const letters = Buffer.alloc(3_200, 'x');

/** How much the old objects grow at the most while 32 MB pass, once what is held at the beginning is old itself. */
function growth({ enter, leave }: Passage): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void; // the flag's own function
  const pass = () => {
    enter({ text: letters.toString('latin1') });
    leave();
  };
  for (let n = 0; n < 32; n += 1) enter({});
  for (let n = 0; n < 1_000; n += 1) pass();
  for (let n = 0; n < 2; n += 1) collect();
  const before = oldBytes();
  let most = before;
  for (let n = 0; n < 10_000; n += 1) {
    pass();
    if (n % 100 === 0) most = Math.max(most, oldBytes()); // a Set or a Map keeps half of it or more until it is collected
  }
  return most - before;
}

test.each([
  { name: 'a list', open: throughList },
  { name: 'a map', open: throughMap },
])('what passes through $name does not grow old', ({ open }) => {
  // The least of three: what else lives in this process grows old at its own hours.
  const least = Math.min(...Array.from({ length: 3 }, () => growth(open())));
  expect(least).toBeLessThan(growth(nowhere()) + 6_000_000);
});
