/** One run of the fuzzer: bursts of requests at a server that remembers the ones before, each reply held to the rules. */
import fc from 'fast-check';
import { checkReply, type Sent } from './check-reply.ts';
import { createFuzzedServer, type FuzzedServer } from './fuzzed-server.ts';
import { watchLoop } from './loop-watch.ts';
import { createMemory, type Memory } from './memory.ts';
import { readReply } from './read-reply.ts';
import { damaged, type FuzzRequest, fuzzRequest, noise } from './requests.ts';

export interface FuzzOptions {
  /** Requests to send, at the least. */
  runs: number;
  seed: number;
  overHttp: boolean;
  onProgress?(report: FuzzReport): void;
}

export interface FuzzReport {
  requests: number;
  /** How often the server answered what: a method's result, or a code. */
  answers: Record<string, number>;
  /** Longest time for which the event loop was held up, in milliseconds. */
  worstLagMs: number;
}

/** After so many bursts a new server begins, whose past a failing seed then holds whole. */
const BURSTS_PER_SERVER = 1_000;
const bursts = fc.array(fc.oneof({ weight: 12, arbitrary: fuzzRequest }, { weight: 1, arbitrary: noise }), {
  minLength: 1,
  maxLength: 6,
});

/** Resolves when everything held; rejects with the smallest burst that broke a rule, and the seed that leads to it. */
export async function fuzz({ runs, seed, overHttp, onProgress }: FuzzOptions): Promise<FuzzReport> {
  const report: FuzzReport = { requests: 0, answers: {}, worstLagMs: 0 };
  const loop = watchLoop();
  const crashes: unknown[] = [];
  const onCrash = (cause: unknown) => void crashes.push(cause);
  process.on('unhandledRejection', onCrash);
  try {
    for (let next = seed; report.requests < runs; next += 1) {
      await using server = await createFuzzedServer({ overHttp });
      const memory = createMemory();
      const property = fc.asyncProperty(bursts, async (burst) => {
        server.takeFault(); // of the burst before, which has failed by it
        await Promise.all(burst.map((request) => send(server, memory, request, report)));
        await turn();
        const fault = server.takeFault() ?? crashes.splice(0)[0];
        if (fault !== undefined) throw new Error(`The server broke: ${String(fault)}`);
      });
      const details = await fc.check(property, { seed: next, numRuns: BURSTS_PER_SERVER });
      if (details.failed) {
        throw new Error(
          `A reply broke the rules under seed ${next}\n${short(fc.defaultReportMessage(details) ?? '')}`,
          {
            cause: details.errorInstance,
          },
        );
      }
      report.worstLagMs = loop.worstMs();
      onProgress?.(report);
    }
    return report;
  } finally {
    loop.stop();
    process.off('unhandledRejection', onCrash);
  }
}

async function send(server: FuzzedServer, memory: Memory, request: FuzzRequest, report: FuzzReport): Promise<void> {
  const { binding, operation, method, body, damage = [], leaves } = request;
  const path = memory.fill(request.path);
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, memory.fill(value)]),
  );
  const bytes =
    body === undefined || method === 'GET' || method === 'HEAD' ? undefined : damaged(memory.fill(body), damage);
  const sent: Sent = { binding, method, headers, path, bytes, ...(operation && { operation }) };
  const reply = await readReply(server.fetch(path, { method, headers, ...(bytes && { body: bytes }) }), leaves);
  report.requests += 1;
  await turn(); // what the checks cost is not the server's
  try {
    for (const answer of checkReply(sent, reply)) {
      const name = `${binding} ${String(answer)}`;
      report.answers[name] = (report.answers[name] ?? 0) + 1;
    }
  } catch (cause) {
    const asked = bytes ? short(new TextDecoder().decode(bytes)) : '';
    const said = `${reply.status} ${reply.headers.get('content-type')} ${short(reply.text)}`;
    throw new Error(`${method} ${path} ${JSON.stringify(headers)}\n${asked}\nwas answered\n${said}`, { cause });
  }
  // Of another caller or tenant: nobody else would find it.
  if (headers.authorization !== 'Bearer alice' || !/^\/(?:a2a|rest\/(?:tasks|message))/.test(path)) return;
  for (const data of heardIn(reply.text)) memory.hear(data);
  for (const [, id] of reply.text.matchAll(/^id: (.+)$/gm)) memory.hearEventId(id ?? '');
}

/** The loop turns, for timers and for the watch. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function heardIn(text: string): unknown[] {
  if (text.startsWith('{') || text.startsWith('[')) return [JSON.parse(text)];
  const whole = text.slice(0, text.lastIndexOf('\n\n') + 1); // the reader may have left within a frame
  return whole.split('\n').flatMap((line): unknown[] => (line.startsWith('data: ') ? [JSON.parse(line.slice(6))] : []));
}

function short(text: string): string {
  return text.replace(/a{50,}/g, 'a…a').slice(0, 3_000);
}
