/** What reaches a program on its standard input: a text and then the end, or whatever is written while it runs. */
import type { Writable } from 'node:stream';
import type { ProgramSpec } from './program.ts';

/** A program that leaves so much unread is told nothing more. */
const MOST_WAITING_BYTES = 1_048_576;

export interface ProgramInput {
  write(text: string): Promise<boolean>;
}

export function openInput(stdin: Writable | null, given: ProgramSpec['stdin']): ProgramInput {
  if (!stdin || typeof given === 'string' || given === undefined) {
    stdin?.end(given);
    return { write: async () => false };
  }
  return {
    write(text) {
      if (!stdin.writable || stdin.writableLength > MOST_WAITING_BYTES) return Promise.resolve(false);
      // A program that has closed its end, or has ended, is told here as an error: nothing was taken.
      return new Promise((resolve) => stdin.write(text, (cause) => resolve(!cause)));
    },
  };
}
