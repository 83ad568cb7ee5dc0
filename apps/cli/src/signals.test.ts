import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { createSignals } from './signals.ts';

function setUp() {
  const emitter = new EventEmitter();
  const exits: number[] = [];
  const process = {
    on: emitter.on.bind(emitter),
    exit: (code: number) => void exits.push(code),
    // Only what is used of a process; the rest of its type is of no concern here.
  } as unknown as NodeJS.Process;
  let nowMs = 0;
  const signals = createSignals(process, () => nowMs);
  const signal = (name: string, atMs: number) => {
    nowMs = atMs;
    emitter.emit(name);
  };
  return { signals, exits, signal };
}

test('a signal that nobody listens to ends the process', () => {
  const { exits, signal } = setUp();
  signal('SIGTERM', 0);
  expect(exits).toEqual([143]);
});

test('a listener hears each signal once, though npm and the terminal both pass it on', () => {
  const { signals, exits, signal } = setUp();
  const heard: string[] = [];
  const release = signals.listen((name, count) => heard.push(`${name} ${count}`));
  signal('SIGINT', 0);
  signal('SIGINT', 20);
  signal('SIGTERM', 3_000);
  expect(heard).toEqual(['SIGINT 1', 'SIGTERM 2']);
  expect(exits).toEqual([]);
  release();
  signal('SIGINT', 9_000);
  expect(exits).toEqual([130]);
});
