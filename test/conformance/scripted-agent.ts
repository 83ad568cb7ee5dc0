/** An agent that does what a message's first text says, and goes on where a test tells it to. */
import type { AgentEvent, AgentExecutor, ExecutionRequest } from '@skein/a2a-transport';
import { A2AError, ApplicationError } from '@skein/a2a-transport';

type Script = (request: ExecutionRequest, context: ScriptContext) => AsyncIterable<AgentEvent>;

interface ScriptContext {
  signal: AbortSignal;
  /** Waits for the test to say `proceed`, or for the signal. */
  turn(): Promise<void>;
}

export interface ScriptedAgent {
  readonly executor: AgentExecutor;
  /** What it was asked, in order. */
  readonly asked: readonly ExecutionRequest[];
  /** The signals of what it was asked. */
  readonly signals: readonly AbortSignal[];
  /** Lets whatever waits for a turn go on, now or when it comes. */
  proceed(): void;
}

const working: AgentEvent = { status: { state: 'TASK_STATE_WORKING' } };
const said = (text: string) => ({ parts: [{ text }] });

/** What each word makes the agent do. A word that is not here is answered as `work`. */
const scripts = {
  async *work() {
    yield working;
    yield { artifact: { artifactId: 'out', name: 'Report', parts: [{ text: 'one ' }] } };
    yield { artifact: { artifactId: 'out', parts: [{ data: { two: 2 } }] }, append: true, lastChunk: true };
  },
  async *answer() {
    yield { message: { parts: [{ text: 'an answer' }], metadata: { by: 'the agent' } } };
  },
  async *ask({ task }) {
    if (!task) return yield { status: { state: 'TASK_STATE_INPUT_REQUIRED', message: said('Which one?') } };
    yield working;
    return yield { artifact: { parts: [{ text: 'that one' }] }, lastChunk: true };
  },
  async *authorise({ task }, { turn }) {
    if (!task) {
      yield { status: { state: 'TASK_STATE_AUTH_REQUIRED', message: said('Open https://auth.example and agree.') } };
      await turn();
    }
    yield working;
    yield { artifact: { parts: [{ text: 'authorised' }] } };
  },
  async *reject() {
    yield { status: { state: 'TASK_STATE_REJECTED', message: said('Not that.') } };
  },
  // biome-ignore lint/correctness/useYield: it refuses before it has said anything
  async *refuse() {
    throw new A2AError('CONTENT_TYPE_NOT_SUPPORTED', 'Texts of this kind are not read here');
  },
  // biome-ignore lint/correctness/useYield: it refuses before it has said anything
  async *forbid() {
    const message = 'The scope "deploy" is missing';
    throw new ApplicationError({ domain: 'agent.test', reason: 'SCOPE_MISSING', message, httpStatus: 403 });
  },
  // biome-ignore lint/correctness/useYield: it refuses before it has said anything
  async *busy() {
    const busy = { domain: 'agent.test', reason: 'RATE_LIMITED', message: 'Too many', httpStatus: 429 };
    throw new ApplicationError({ ...busy, retryAfterMs: 1_200 });
  },
  // biome-ignore lint/correctness/useYield: it breaks before it has said anything
  async *crash() {
    throw new Error('the password is hunter2');
  },
  async *fail() {
    yield working;
    throw new Error('the password is hunter2');
  },
  async *wait(_, { turn }) {
    yield working;
    await turn();
    yield { artifact: { artifactId: 'late', parts: [{ text: 'late' }] } };
  },
  async *steps(_, { turn }) {
    yield working;
    for (const step of ['a', 'b', 'c']) {
      await turn();
      yield {
        artifact: { artifactId: 'steps', parts: [{ text: step }] },
        append: step !== 'a',
        lastChunk: step === 'c',
      };
    }
    await turn();
  },
  async *many() {
    for (let n = 0; n < 40; n += 1) yield { artifact: { artifactId: `n-${n}`, parts: [{ data: n }] } };
  },
} satisfies Record<string, Script>;

function scriptOf({ message, task }: ExecutionRequest): Script {
  const first = (task?.history?.[0] ?? message).parts[0]?.text ?? '';
  const known: Readonly<Record<string, Script>> = scripts;
  return known[first] ?? scripts.work;
}

export function createScriptedAgent(): ScriptedAgent {
  const asked: ExecutionRequest[] = [];
  const signals: AbortSignal[] = [];
  let allowed = 0;
  const waiting: (() => void)[] = [];
  const turn = (signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      if (allowed === 0) return void waiting.push(resolve);
      allowed -= 1;
      resolve();
    });
  return {
    executor: {
      execute(request, { signal }) {
        asked.push(request);
        signals.push(signal);
        return scriptOf(request)(request, { signal, turn: () => turn(signal) });
      },
    },
    asked,
    signals,
    proceed() {
      const next = waiting.shift();
      if (next) next();
      else allowed += 1;
    },
  };
}
