/** Drives mortal-agent.mjs from a test: leads its agent, listens to its streams, and kills it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { AgentEvent } from '@skein/a2a-transport';
import type { DatabaseTarget } from '@skein/drizzle';
import type * as z from 'zod';
import { type Method, replyOf, results, type StreamResponse } from '../conformance/strict.ts';
import { type EventReader, readEvents, rpcBody } from '../conformance/subject.ts';

type Result<Name extends Method> = z.infer<(typeof results)[Name]>;
type Said = { listening: string } | { held: 'before' | 'after' };

/** One life of the agent's process. */
export interface MortalAgent {
  readonly origin: string;
  /** What its agent yields next. */
  leads(event: AgentEvent): void;
  /** Its store stands still at the next commit; resolves when it does. */
  holds(where: 'before' | 'after', event: AgentEvent): Promise<void>;
  /** Calls a method that has to answer. */
  call<Name extends Method>(method: Name, params: unknown): Promise<Result<Name>>;
  stream(
    method: 'SendStreamingMessage' | 'SubscribeToTask',
    params: unknown,
    lastEventId?: string,
  ): Promise<EventReader>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
}

const program = fileURLToPath(new URL('./mortal-agent.mjs', import.meta.url));
const patienceMs = 20_000;

interface Life {
  target: DatabaseTarget;
  /** Origin of the one receiver that it may push to. */
  receiver: string;
  /** Where an earlier life was reached. @default a port that is free */
  origin?: string;
}

/** Starts the agent, or its next life on the same database. Resolves when it listens. */
export async function startMortalAgent({ target, receiver, origin: earlier }: Life): Promise<MortalAgent> {
  const port = earlier === undefined ? 0 : Number(new URL(earlier).port);
  const child = spawn(process.execPath, [program, JSON.stringify({ target, port, receiver })], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.on('error', () => {}); // it was killed while it was being told something
  const gone = once(child, 'close');
  const said: Said[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => said.push(JSON.parse(line) as Said)); // our own program's words
  const hears = async <S extends Said>(is: (each: Said) => each is S): Promise<S> => {
    for (;;) {
      const found = said.find(is);
      if (found) return found;
      const signal = AbortSignal.timeout(patienceMs);
      const ended = gone.then(() => Promise.reject(new Error('The agent ended before it said what was awaited')));
      await Promise.race([once(lines, 'line', { signal }), ended]);
    }
  };
  const command = (words: object) => void child.stdin.write(`${JSON.stringify(words)}\n`);
  const leads = (event: AgentEvent) => command({ yield: event });
  const { listening: origin } = await hears((each) => 'listening' in each);
  const post = (method: Method, params: unknown, headers: Record<string, string> = {}) =>
    fetch(`${origin}/a2a`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'a2a-version': '1.0', ...headers },
      body: rpcBody(method, params),
    });

  return {
    origin,
    leads,
    async holds(where, event) {
      command({ hold: where });
      leads(event);
      await hears((each) => 'held' in each);
    },
    async call(method, params) {
      const body = replyOf(results[method]).parse(await (await post(method, params)).json());
      if ('error' in body) throw new Error(`${method} was refused: ${JSON.stringify(body.error)}`);
      return body.result as never; // the schema that read it is the method's own
    },
    async stream(method, params, lastEventId) {
      const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
      return readEvents(await post(method, params, headers), (data) => {
        const body = replyOf(results[method]).parse(data);
        if ('error' in body) throw new Error(`The stream of ${method} broke: ${JSON.stringify(body.error)}`);
        return body.result as StreamResponse; // of a streaming method
      });
    },
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
