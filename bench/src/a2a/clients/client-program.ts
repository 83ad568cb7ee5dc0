import { applyCalls, type CallsSlice } from '../../harness/calls.ts';
import { becomeProgram } from '../../harness/program.ts';
import { artifact } from '../exchange.ts';

/** Calls SendMessage once, for a message with this id, and tells what came. */
export type Send = (messageId: string) => Promise<Answer>;

export interface Answer {
  /** The first message of the task's history. */
  messageId: string | undefined;
  artifactId: string | undefined;
}

/** A client under test in a process of its own: `open` makes it once for a server's address. */
export function becomeClient(open: (endpoint: string) => Promise<Send>): void {
  let send: Promise<Send> | undefined;
  becomeProgram({}, async (message) => {
    const { port, ...slice } = message as CallsSlice & { port: number }; // from our own parent
    send ??= open(`http://127.0.0.1:${port}/a2a`);
    const ready = await send;
    const before = process.cpuUsage();
    const result = await applyCalls(async (number) => {
      const answer = await ready(`message-${number}`);
      if (answer.messageId === `message-${number}` && answer.artifactId === artifact.artifactId) return;
      throw new Error(`Another answer than ${number}'s came: ${JSON.stringify(answer)}`);
    }, slice);
    const { user, system } = process.cpuUsage(before);
    return { ...result, coreUs: (user + system) / result.answers };
  });
}
