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

const oldBytes = () => getHeapSpaceStatistics().find((space) => space.space_name === 'old_space')?.space_used_size ?? 0;

test.each([
  { name: 'a list', open: throughList },
  { name: 'a map', open: throughMap },
])('what passes through $name does not grow old', ({ open }) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void; // the flag's own function
  const passage = open();
  const pass = () => {
    passage.enter({ payload: new Array(400).fill(0) });
    passage.leave();
  };
  for (let n = 0; n < 32; n += 1) passage.enter({});
  for (let n = 0; n < 1_000; n += 1) pass();
  for (let n = 0; n < 2; n += 1) collect(); // what is held now becomes old
  const before = oldBytes();
  let most = before;
  for (let n = 0; n < 10_000; n += 1) {
    pass(); // 32 MB in all, which a Set or a Map would keep until the old objects are collected
    if (n % 100 === 0) most = Math.max(most, oldBytes());
  }
  expect(most - before).toBeLessThan(6_000_000);
});
