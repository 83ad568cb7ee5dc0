import type { AgentEvent, ExecutionContext, ExecutionRequest } from '../../server/agent-executor.ts';
import { serveA2A } from '../../server/serve-a2a.ts';
import type { ServedApp } from '../serve-app.ts';

/** Answers "answer" with a message, waits at "wait" until it is cancelled, and makes a task of everything else. */
async function* agent({ message }: ExecutionRequest, { signal }: ExecutionContext): AsyncGenerator<AgentEvent> {
  const text = message.parts[0]?.text;
  if (text === 'answer') return yield { message: { parts: [{ text: 'answer' }] } };
  yield { status: { state: 'TASK_STATE_WORKING' } };
  if (text === 'wait') await new Promise((resolve) => signal.addEventListener('abort', resolve));
  yield { artifact: { artifactId: 'out', parts: [{ text: 'one ' }] } };
  return yield { artifact: { artifactId: 'out', parts: [{ text: 'two' }] }, append: true, lastChunk: true };
}

/** It may push to the origins that are named. */
export async function serveOurAgent(speaksV03: boolean, hooks: readonly string[]): Promise<ServedApp> {
  const allow = hooks.map((origin) => ({ origin }));
  const served = await serveA2A({ card: { name: 'Ours' }, executor: agent, speaksV03, push: { allow } }, { port: 0 });
  return { ...served, origin: served.url };
}
