/**
 * Puts the configuration together: flags before environment before file before defaults. Everything that is wrong is
 * told at once, each with the place where it was written, so that a start needs one correction and not five.
 */
import { join, resolve } from 'node:path';
import { isLoopback } from '../loopback.ts';
import { Config, PartialConfig } from './config-schema.ts';
import { configProblems } from './problems.ts';
import { type Flags, readEnvironment, readFlags } from './sources.ts';

export interface ConfigSurroundings {
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  hostName: string;
  /** The file's text; undefined where there is none. */
  readFile: (path: string) => string | undefined;
}

export type LoadedConfig =
  | { status: 'ready'; config: Config; file?: string }
  | { status: 'asked'; what: 'help' | 'version' }
  | { status: 'wrong'; problems: string[] };

const DEFAULT_DATA_DIR = join('.skein', 'node');
const FILE_NAME = 'skein.config.json';

export function loadConfig(args: readonly string[], surroundings: ConfigSurroundings): LoadedConfig {
  const { cwd } = surroundings;
  const flags = readFlags(args);
  if (flags.help || flags.version) return { status: 'asked', what: flags.help ? 'help' : 'version' };
  const environment = readEnvironment(surroundings.env);
  const over = merge(environment.config, flags.config);
  const file = readConfigFile(flags, over.dataDir, surroundings);

  const merged = merge(file.config, over);
  const config = Config.safeParse({
    ...merged,
    name: merged.name ?? nameOf(surroundings.hostName),
    dataDir: resolve(cwd, merged.dataDir ?? DEFAULT_DATA_DIR),
  });
  const problems = [...flags.problems, ...environment.problems, ...file.problems];
  if (!config.success) return { status: 'wrong', problems: [...problems, ...configProblems(config.error, merged)] };
  problems.push(...exposureProblems(config.data));
  if (problems.length > 0) return { status: 'wrong', problems };
  return { status: 'ready', config: config.data, ...(file.path === undefined ? {} : { file: file.path }) };
}

/** The later one wins, key by key; `execute`, `a2a`, `shutdown` and `log` key by key within, and agents one by one. */
function merge(under: PartialConfig, over: PartialConfig): PartialConfig {
  const execute = { ...under.execute, ...over.execute };
  const a2a = { ...under.a2a, ...over.a2a };
  const shutdown = { ...under.shutdown, ...over.shutdown };
  const log = { ...under.log, ...over.log };
  const agents = { ...under.agents, ...over.agents };
  return { ...under, ...over, execute, agents, a2a, shutdown, log };
}

interface ConfigFile {
  path?: string;
  config: PartialConfig;
  problems: string[];
}

/** The file that --config or SKEIN_CONFIG names, else skein.config.json in the data folder where there is one. */
function readConfigFile(
  flags: Flags,
  dataDir: string | undefined,
  { env, cwd, readFile }: ConfigSurroundings,
): ConfigFile {
  const named = flags.configFile ?? (env.SKEIN_CONFIG || undefined);
  const path = named === undefined ? join(resolve(cwd, dataDir ?? DEFAULT_DATA_DIR), FILE_NAME) : resolve(cwd, named);
  const wrong = (...problems: string[]): ConfigFile => ({
    path,
    config: {},
    problems: problems.map((problem) => `${path}: ${problem}`),
  });
  let text: string | undefined;
  try {
    text = readFile(path);
  } catch (cause) {
    return wrong(`cannot be read: ${cause instanceof Error ? cause.message : cause}`);
  }
  if (text === undefined) return named === undefined ? { config: {}, problems: [] } : wrong('there is no such file');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    return wrong(`is not JSON: ${cause instanceof Error ? cause.message : cause}`);
  }
  const parsed = PartialConfig.safeParse(json);
  if (!parsed.success) return wrong(...configProblems(parsed.error, json));
  if (named === undefined && parsed.data.dataDir !== undefined)
    return wrong('dataDir cannot stand in a file that was found in the data folder; give --data-dir');
  const config = parsed.data;
  // A file's own folder is what its relative paths mean, wherever the node was started from.
  if (config.dataDir !== undefined) config.dataDir = resolve(path, '..', config.dataDir);
  return { path, config, problems: [] };
}

/** What TLS will close one day is refused today, unless somebody says that they know. */
function exposureProblems(config: Config): string[] {
  if (config.insecure || isLoopback(config.host)) return [];
  return [
    `host ${config.host} is reachable from other machines, and there is no TLS yet: use 127.0.0.1, or pass --insecure ` +
      'to accept that whoever is on the way can read tokens, directives and results',
  ];
}

/** The machine's name, made to fit. */
function nameOf(hostName: string): string {
  const fitting = hostName
    .replaceAll(/[^A-Za-z0-9._-]/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 63);
  return fitting === '' ? 'node' : fitting;
}
