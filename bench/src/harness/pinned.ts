import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Which core a process may use: servers under test on one, the load on the other, so that neither steals from the other. */
type Core = 'server' | 'load' | 'any';

const cores: Readonly<Record<Core, string>> = { server: '0', load: '1', any: '' };

/** Whether processes can be held to a core here. Without it figures are measured all the same, and said to be looser. */
export const canPin: boolean = spawnSync('taskset', ['-c', '0,1', 'true']).status === 0;

interface ProgramOptions {
  core: Core;
  args?: readonly string[];
}

/** A program of this room in a process of its own, that answers each message with one message. */
export interface Program extends Disposable {
  /** Asks and waits for the answer; the program's failure is this promise's. */
  ask(message: object): Promise<unknown>;
}

/** The programs of one figure: what was started ends with it. */
export function createPrograms() {
  const running: Program[] = [];
  return {
    async start(module: string, options: ProgramOptions) {
      const started = await startProgram(module, options);
      running.push(started.program);
      return started;
    },
    [Symbol.dispose]() {
      for (const program of running) program[Symbol.dispose]();
    },
  };
}

/** Starts a module of this room (relative to `dist/`) and waits until it is ready. Gives back what it said with that. */
async function startProgram(module: string, options: ProgramOptions): Promise<{ program: Program; ready: unknown }> {
  const { core, args = [] } = options;
  const pinned = canPin && core !== 'any';
  const file = fileURLToPath(new URL(`../${module}.js`, import.meta.url));
  const child = fork(file, args, {
    ...(pinned ? { execPath: 'taskset', execArgv: ['-c', cores[core], process.execPath] } : { execArgv: [] }),
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'json',
  });
  const ready = await nextMessage(child, module);
  return {
    ready,
    program: {
      ask(message) {
        const answer = nextMessage(child, module);
        child.send(message);
        return answer;
      },
      [Symbol.dispose]() {
        if (child.connected) child.disconnect();
      },
    },
  };
}

async function nextMessage(child: ChildProcess, module: string): Promise<unknown> {
  const ended = new AbortController();
  try {
    const [message] = await Promise.race([
      once(child, 'message', { signal: ended.signal }),
      once(child, 'exit', { signal: ended.signal }).then(([code]) => {
        throw new Error(`${module} ended with ${String(code)} before it answered`);
      }),
    ]);
    const failure = (message as { failure?: string } | undefined)?.failure;
    if (failure !== undefined) throw new Error(`${module}: ${failure}`);
    return message;
  } finally {
    ended.abort();
  }
}
