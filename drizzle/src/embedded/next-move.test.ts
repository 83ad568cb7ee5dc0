import { expect, test } from 'vitest';
import { type Move, nextMove, type Sighting } from './next-move.ts';

const nothing = { names: 'nothing' } as const;
const server = { names: 'server' } as const;
const stranger = { names: 'stranger', pid: 7 } as const;

test.each<[string, Sighting, Move]>([
  ['the lock is ours', { answer: { status: 'taken' }, ownChildRuns: false, pidFile: server }, { do: 'own' }],
  [
    'another holds the lock, though our child is the server',
    { answer: { status: 'held', by: 'node b' }, ownChildRuns: true, pidFile: server },
    { do: 'refuse', owner: 'node b' },
  ],
  ['the server is starting', { answer: { status: 'busy' }, ownChildRuns: false, pidFile: server }, { do: 'wait' }],
  [
    'a server is ending, its file gone',
    { answer: { status: 'busy' }, ownChildRuns: false, pidFile: nothing },
    { do: 'wait' },
  ],
  [
    'our child does not answer yet',
    { answer: { status: 'silent' }, ownChildRuns: true, pidFile: nothing },
    { do: 'wait' },
  ],
  [
    "another's server does not answer yet",
    { answer: { status: 'silent' }, ownChildRuns: false, pidFile: server },
    { do: 'wait' },
  ],
  ['nobody is there', { answer: { status: 'silent' }, ownChildRuns: false, pidFile: nothing }, { do: 'spawn' }],
  [
    'the pid in the file is somebody else by now',
    { answer: { status: 'silent' }, ownChildRuns: false, pidFile: stranger },
    { do: 'spawn', strangerPid: 7 },
  ],
])('when %s', (_, sighting, move) => {
  expect(nextMove(sighting)).toEqual(move);
});
