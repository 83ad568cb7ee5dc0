/** One node of the demonstration as a process of its own: it lives as long as we do, and its log is kept. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CliError, exitCodes } from '../exit-codes.ts';
import { serverProgram } from '../server-program.ts';
import { openNodeLog } from './node-log.ts';

const Listening = z.object({ type: z.literal('listening'), address: z.url(), nodeId: z.string(), pid: z.int() });

export interface NodeSetup {
  name: string;
  dataDir: string;
  port: number;
  seeds: readonly string[];
  joinToken?: string;
  duties: NodeDuties;
}

export interface NodeDuties {
  /** What directives may run there. */
  programs: readonly string[];
  /** The agents that can be spawned there, as the configuration names them. */
  agents: Readonly<Record<string, unknown>>;
}

export interface NodeEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface NodeChild {
  readonly name: string;
  readonly dataDir: string;
  readonly logFile: string;
  /** Where it listens. Rejects, with the last lines of its log, when it ends before that. */
  readonly listening: Promise<{ address: string; nodeId: string; pid: number }>;
  /** How it ended, whoever ended it. */
  readonly ended: Promise<NodeEnd>;
  /** The end of what this life of it wrote to its log, for people. */
  lastWords(): string;
  /** Asks it to stop; after a while it is not asked any more. */
  stop(): Promise<void>;
  kill(): void;
}

/** A node gives itself less: what is left after this hangs. */
const PATIENCE_MS = 4_750;

export function startNodeChild(setup: NodeSetup, env: Readonly<Record<string, string | undefined>>): NodeChild {
  const { name, dataDir } = setup;
  mkdirSync(dataDir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  const logFile = join(dataDir, 'node.log');
  const log = openNodeLog(logFile);
  // A session of its own: a Ctrl-C in the terminal is for us, who end the nodes in order. The channel's end tells it ours.
  const child = spawn(process.execPath, [serverProgram(), ...flagsOf(setup)], {
    env: environmentOf(setup, env),
    detached: true,
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
  });
  log.close();
  const ended = endOf(child);
  return {
    name,
    dataDir,
    logFile,
    ended,
    lastWords: log.lastWords,
    listening: listeningOf(child, ended, (end) => `${name} ${endWords(end)}${log.lastWords()}`),
    kill: () => void child.kill('SIGKILL'),
    async stop() {
      child.kill('SIGINT'); // a SIGTERM would wait for what runs
      const impatient = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
      await ended;
      clearTimeout(impatient);
    },
  };
}

function flagsOf({ name, dataDir, port, seeds, duties }: NodeSetup): string[] {
  return [
    ...['--name', name, '--data-dir', dataDir, '--port', String(port), '--timing', 'local'],
    ...seeds.flatMap((seed) => ['--seed', seed]),
    ...duties.programs.flatMap((program) => ['--allow-program', program]),
  ];
}

/** What is set for a node of the user's own is not for these three: each has its own folder, database and swarm. */
function environmentOf(
  { joinToken, duties }: NodeSetup,
  env: Readonly<Record<string, string | undefined>>,
): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(
    ([name]) =>
      name === 'SKEIN_PG_UID' || name === 'SKEIN_LOG_LEVEL' || (name !== 'DATABASE_URL' && !name.startsWith('SKEIN_')),
  );
  return {
    ...Object.fromEntries(kept),
    ...(joinToken !== undefined && { SKEIN_JOIN_TOKEN: joinToken }),
    ...(Object.keys(duties.agents).length > 0 && { SKEIN_AGENTS: JSON.stringify(duties.agents) }),
  };
}

function endOf(child: ChildProcess): Promise<NodeEnd> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null })); // it could not even be started
  });
}

function listeningOf(
  child: ChildProcess,
  ended: Promise<NodeEnd>,
  tell: (end: NodeEnd) => string,
): NodeChild['listening'] {
  const listening = new Promise<z.infer<typeof Listening>>((resolve, reject) => {
    child.on('message', (message) => {
      const parsed = Listening.safeParse(message);
      if (parsed.success) resolve(parsed.data);
    });
    ended.then((end) => {
      const exitCode = end.code === exitCodes.inUse ? exitCodes.inUse : exitCodes.failed;
      reject(new CliError(exitCode, 'node_ended', tell(end)));
    });
  });
  listening.catch(() => {}); // whoever waits for it hears of it; after that nobody has to
  return listening;
}

/** `ended with exit code 1`, `was ended by SIGKILL` */
export function endWords({ code, signal }: NodeEnd): string {
  if (signal) return `was ended by ${signal}`;
  return code === null ? 'could not be started' : `ended with exit code ${code}`;
}
