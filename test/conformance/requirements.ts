/**
 * What A2A v1.0 asks of a server, a client and those who run them: each MUST and SHOULD of its operations, data model,
 * card, bindings and security, sorted, with the test that holds it or the reason why none can.
 * `ledger.test.ts` holds the list itself to that.
 */
import type { Requirement } from './requirement.ts';
import { chapter3 } from './requirements/chapter-3.ts';
import { chapters4And5 } from './requirements/chapters-4-5.ts';
import { chapters7And8 } from './requirements/chapters-7-8.ts';
import { chapters9To11 } from './requirements/chapters-9-11.ts';
import { chapters13And14 } from './requirements/chapters-13-14.ts';
import { points } from './requirements/points.ts';

export const requirements: readonly Requirement[] = [
  ...chapter3,
  ...chapters4And5,
  ...chapters7And8,
  ...chapters9To11,
  ...chapters13And14,
  ...points,
];
