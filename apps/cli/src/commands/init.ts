/** `skein init`: writes a configuration file to begin with, and says what to do next. */
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { NodeName } from '@skein/contracts';
import { type Command, InvalidArgumentError } from 'commander';
import { groupArgument, several } from '../arguments.ts';
import type { CliContext, Run } from '../context.ts';
import { CliError, exitCodes } from '../exit-codes.ts';

/** As the configuration holds them. */
type Agents = Record<string, { command: [string] }>;

interface InitOptions {
  name: string;
  port?: number;
  group?: string;
  seed?: string[];
  allowProgram?: string[];
  agent?: Agents;
  dataDir: string;
  force?: boolean;
  json?: boolean;
}

function nameArgument(text: string): string {
  const parsed = NodeName.safeParse(text);
  if (!parsed.success) throw new InvalidArgumentError(`${parsed.error.issues[0]?.message}.`);
  return parsed.data;
}

function portArgument(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('Write a number from 0 to 65535.');
  return port;
}

function seedArgument(text: string, before?: readonly string[]): string[] {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new InvalidArgumentError('Write an origin such as http://127.0.0.1:4220.');
  return several(text, before);
}

function programArgument(text: string, before?: readonly string[]): string[] {
  if (!text.startsWith('/')) throw new InvalidArgumentError('Write an absolute path: programs are never looked up.');
  return several(text, before);
}

const AGENT_TYPE = /^([A-Za-z0-9][A-Za-z0-9._-]{0,62})=(\/.*)$/s;

function agentArgument(text: string, before: Agents = {}): Agents {
  const [, type, path] = AGENT_TYPE.exec(text) ?? [];
  if (type === undefined || path === undefined)
    throw new InvalidArgumentError('Write NAME=PATH, with an absolute path: programs are never looked up.');
  return { ...before, [type]: { command: [path] } };
}

export function addInit(program: Command, context: CliContext, run: Run): void {
  program
    .command('init')
    .description('write a configuration file for a node')
    .argument('<name>', 'what people call the node', nameArgument)
    .option('--port <port>', 'where it listens (default: 4220, or the next free one)', portArgument)
    .option('--group <name>', 'the group that it asks to be in', groupArgument)
    .option('--seed <url>', 'a node to join the swarm through (may be given several times)', seedArgument)
    .option('--allow-program <path>', 'a program that directives may run (may be given several times)', programArgument)
    .option('--agent <name=path>', 'a program to spawn as an agent (may be given several times)', agentArgument)
    .option('--data-dir <folder>', "the node's folder, where the file is written to", DEFAULT_DATA_DIR)
    .option('--force', 'write over a file that is there')
    .option('--json', 'print JSON, for programs')
    .option('--no-color', 'no colours')
    .action((name: string, options: Omit<InitOptions, 'name'>) => run(async () => init({ ...options, name }, context)));
}

const DEFAULT_DATA_DIR = '.skein/node';
/** Where a node looks for it by itself. */
const FILE_NAME = 'skein.config.json';

function init(options: InitOptions, { terminal, cwd }: CliContext): number {
  const { name, port, group, seed, allowProgram, agent, force } = options;
  const config = {
    name,
    ...(port !== undefined && { port }),
    ...(group !== undefined && { group }),
    ...(seed && { seeds: seed }),
    execute: { programs: allowProgram ?? [] },
    ...(agent && { agents: agent }),
  };
  const folder = resolve(cwd, options.dataDir);
  const file = join(folder, FILE_NAME);
  // Started as root, the node's database runs as another user, who must be able to pass through.
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700;
  written(folder, () => mkdirSync(folder, { recursive: true, mode }));
  write(file, `${JSON.stringify(config, null, 2)}\n`, force === true);
  const where = folder === resolve(cwd, DEFAULT_DATA_DIR) ? '' : ` --data-dir ${relative(cwd, folder) || '.'}`;
  if (options.json) terminal.out(`${JSON.stringify({ file, config }, null, 2)}\n`);
  else terminal.out(`${relative(cwd, file)} is written. Start the node with:\n\n  skein up${where}\n`);
  return exitCodes.ok;
}

/** What is there is somebody's work: it is written over only where that was asked for. */
function write(file: string, text: string, force: boolean): void {
  written(file, () => {
    const descriptor = openSync(file, force ? 'w' : 'wx', 0o600);
    try {
      writeFileSync(descriptor, text);
    } finally {
      closeSync(descriptor);
    }
  });
}

function written(path: string, action: () => void): void {
  try {
    action();
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    if (code === 'EEXIST' && path.endsWith(FILE_NAME))
      throw new CliError(exitCodes.inUse, 'file_exists', `${path} is there already; --force writes over it`, { cause });
    throw new CliError(exitCodes.failed, 'not_written', `${path} could not be written (${code})`, { cause });
  }
}
