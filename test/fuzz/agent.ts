/** The agent behind the fuzzed server: it does what a message's first text says, soon, and never breaks by itself. */
import {
  A2AError,
  type AgentEvent,
  type AgentExecutor,
  ApplicationError,
  type ExecutionRequest,
} from '@skein/a2a-transport';

type Script = (request: ExecutionRequest, signal: AbortSignal) => AsyncIterable<AgentEvent>;

const working: AgentEvent = { status: { state: 'TASK_STATE_WORKING' } };
const said = (text: string) => ({ parts: [{ text }] });
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

async function turns(count: number, signal: AbortSignal): Promise<void> {
  for (let n = 0; n < count && !signal.aborted; n += 1) await turn();
}

const scripts = {
  async *work() {
    yield working;
    yield { artifact: { artifactId: 'out', parts: [{ text: 'one' }] }, metadata: { note: null } };
    yield { artifact: { artifactId: 'out', parts: [{ data: null }] }, append: true, lastChunk: true };
  },
  async *answer() {
    yield { message: said('an answer') };
  },
  async *echo({ message: { parts } }) {
    yield { artifact: { parts }, lastChunk: true };
  },
  async *ask({ task }) {
    if (!task) yield { status: { state: 'TASK_STATE_INPUT_REQUIRED', message: said('Which one?') } };
    else yield { artifact: said('that one') };
  },
  async *authorise({ task }) {
    if (!task) yield { status: { state: 'TASK_STATE_AUTH_REQUIRED', message: said('Agree first.') } };
  },
  async *reject() {
    yield { status: { state: 'TASK_STATE_REJECTED', message: said('Not that.') } };
  },
  async *fail() {
    yield working;
    throw new Error('the password is hunter2');
  },
  // biome-ignore lint/correctness/useYield: it refuses before it has said anything
  async *refuse() {
    throw new A2AError('CONTENT_TYPE_NOT_SUPPORTED', 'Texts of this kind are not read here');
  },
  // biome-ignore lint/correctness/useYield: it refuses before it has said anything
  async *busy() {
    const busy = { domain: 'agent.test', reason: 'RATE_LIMITED', message: 'Too many', httpStatus: 429 };
    throw new ApplicationError({ ...busy, retryAfterMs: 1_200 });
  },
  async *slow(_, signal) {
    for (let n = 0; n < 5; n += 1) {
      await turns(4, signal);
      yield { artifact: { artifactId: 'steps', parts: [{ data: n }] }, append: n > 0 };
    }
  },
  async *hold(_, signal) {
    yield working;
    await turns(200, signal);
  },
  async *many() {
    for (let n = 0; n < 30; n += 1) yield { artifact: { artifactId: `n-${n}`, parts: [{ data: n }] } };
  },
} satisfies Record<string, Script>;

export const agentWords = Object.keys(scripts);

export const fuzzedAgent: AgentExecutor = {
  execute(request, { signal }) {
    const first = request.task?.history?.[0] ?? request.message;
    const word = first.parts[0]?.text ?? '';
    const known: Readonly<Record<string, Script>> = scripts;
    return ((Object.hasOwn(known, word) && known[word]) || scripts.work)(request, signal);
  },
};
