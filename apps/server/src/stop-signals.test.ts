import { expect, test } from 'vitest';
import { signalMeaning } from './stop-signals.ts';

test.each([
  ['SIGTERM', 'up', undefined, 'drain'],
  ['SIGINT', 'up', undefined, 'stop'],
  ['SIGHUP', 'up', undefined, 'stop'],
  ['SIGTERM', 'draining', 20, 'echo'],
  ['SIGINT', 'draining', 20, 'echo'],
  ['SIGTERM', 'draining', 1_500, 'stop'],
  ['SIGINT', 'draining', 1_500, 'stop'],
  ['SIGINT', 'stopping', 20, 'echo'],
  ['SIGINT', 'stopping', 1_500, 'end'],
  ['SIGTERM', 'stopping', 1_500, 'end'],
  ['SIGINT', 'stopping', undefined, 'end'], // the stop was nobody's signal, but the parent's end
] as const)('%s while it is %s, %s ms after the last one, means %s', (signal, phase, sinceLastMs, meaning) => {
  expect(signalMeaning(signal, phase, sinceLastMs)).toBe(meaning);
});
