/** A runtime whose agents do what a test says: each start is held until it is told how it ends. */
import { noUsage, type Usage } from '@skein/contracts';
import type { AgentHooks, AgentRequest, AgentRuntime, SteeringWord } from '../agents/agent-runtime.ts';

export interface TestRun {
  readonly request: AgentRequest;
  readonly hooks: AgentHooks;
  readonly words: readonly SteeringWord[];
  complete(response?: string, usage?: Partial<Usage>): void;
  fail(reason: string, usage?: Partial<Usage>): void;
}

export interface TestRuntimeOptions {
  /** Whether it takes words. @default true */
  takesWords?: boolean;
  /** Whether it ends when it is told to. @default true */
  listens?: boolean;
}

export function createTestRuntime({ takesWords = true, listens = true }: TestRuntimeOptions = {}): AgentRuntime & {
  readonly runs: readonly TestRun[];
} {
  const runs: TestRun[] = [];
  return {
    runs,
    start(request, hooks) {
      const words: SteeringWord[] = [];
      const nothing = { exitCode: null, signal: null, truncated: false };
      let complete: TestRun['complete'] = () => {};
      let fail: TestRun['fail'] = () => {};
      const done = new Promise<Awaited<ReturnType<AgentRuntime['start']>['done']>>((resolve) => {
        complete = (response = 'done', usage = {}) => {
          const result = { ...nothing, response, exitCode: 0 };
          resolve({ status: 'completed', result, usage: { ...noUsage, ...usage } });
        };
        fail = (reason, usage = {}) => {
          const result = { ...nothing, response: '', error: { reason, message: reason } };
          resolve({ status: 'failed', result, usage: { ...noUsage, ...usage } });
        };
      });
      if (listens) hooks.signal.addEventListener('abort', () => fail('ended'), { once: true });
      runs.push({ request, hooks, words, complete, fail });
      const steer = async (word: SteeringWord) => words.push(word) > 0;
      return takesWords ? { done, steer } : { done };
    },
  };
}
