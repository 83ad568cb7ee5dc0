/** The table of settings: which key of the configuration each environment variable and flag speaks for. */
import type { PartialConfig } from './config-schema.ts';

type Key =
  | keyof PartialConfig
  | 'execute.programs'
  | 'execute.variables'
  | 'cortex.peers'
  | 'a2a.push.allow'
  | 'a2a.httpJson'
  | 'a2a.v03'
  | 'shutdown.drainMs'
  | 'log.level';

export interface Setting {
  key: Key;
  env: string;
  flag: string;
  /** What a value looks like in the help; absent where the flag takes none. */
  value?: string;
  /** Turns text into what the schema expects. What it cannot read it returns as it is, for the schema to refuse. */
  read: (text: string) => unknown;
  /** The flag may be given several times; in the environment commas separate. */
  many?: boolean;
  /** Makes one value of all that was given, where it is no list. Throws a SyntaxError for what is meant as JSON and is none. */
  gather?: (texts: readonly string[]) => unknown;
  help: string;
}

const text = (value: string) => value;
const integer = (value: string) => (/^-?\d+$/.test(value) ? Number(value) : value);
const yesOrNo = (value: string) => (/^(true|1)$/.test(value) ? true : /^(false|0)$/.test(value) ? false : value);

/** `local`, or `{"heartbeatIntervalMs":500,"sweepIntervalMs":100}`. */
function timing(value: string): unknown {
  if (!value.startsWith('{')) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** A list, as in the file. It holds secrets: what is no JSON is told by its place alone. */
const jsonList = (texts: readonly string[]): unknown => JSON.parse(texts.at(-1) ?? '');

/** An origin, a range of addresses, or more of them as JSON each. */
const targets = (texts: readonly string[]): unknown =>
  texts.map((text): unknown => (text.startsWith('{') ? JSON.parse(text) : text));

/** KEY=VALUE each. */
function labels(texts: readonly string[]): unknown {
  const pairs = texts.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const);
  return texts.every((pair) => pair.indexOf('=') > 0) ? Object.fromEntries(pairs) : texts.join(',');
}

/** NAME=PATH each, or agents by name as JSON. */
function agents(texts: readonly string[]): unknown {
  const all: Record<string, unknown> = {};
  for (const text of texts) {
    const at = text.indexOf('=');
    if (text.startsWith('{')) Object.assign(all, JSON.parse(text));
    else if (at > 0) all[text.slice(0, at)] = { command: [text.slice(at + 1)] };
    else return texts.join(',');
  }
  return all;
}

export const settings: readonly Setting[] = [
  {
    key: 'name',
    env: 'SKEIN_NAME',
    flag: 'name',
    value: 'NAME',
    read: text,
    help: "what people call the node; default: the machine's name",
  },
  {
    key: 'dataDir',
    env: 'SKEIN_DATA_DIR',
    flag: 'data-dir',
    value: 'FOLDER',
    read: text,
    help: 'key, database and work folder; default: .skein/node',
  },
  {
    key: 'host',
    env: 'SKEIN_HOST',
    flag: 'host',
    value: 'ADDRESS',
    read: text,
    help: 'address to listen on; default: 127.0.0.1',
  },
  {
    key: 'port',
    env: 'SKEIN_PORT',
    flag: 'port',
    value: 'PORT',
    read: integer,
    help: 'default: 4220; a busy one means the next free one',
  },
  {
    key: 'strictPort',
    env: 'SKEIN_STRICT_PORT',
    flag: 'strict-port',
    read: yesOrNo,
    help: 'end instead, when the port is busy',
  },
  {
    key: 'insecure',
    env: 'SKEIN_INSECURE',
    flag: 'insecure',
    read: yesOrNo,
    help: 'listen beyond loopback without TLS',
  },
  {
    key: 'seeds',
    env: 'SKEIN_SEEDS',
    flag: 'seed',
    value: 'URL',
    read: text,
    many: true,
    help: 'a node to join the swarm through',
  },
  {
    key: 'joinToken',
    env: 'SKEIN_JOIN_TOKEN',
    flag: 'join-token',
    value: 'TOKEN',
    read: text,
    help: 'admits this node once; rather give it in the environment',
  },
  {
    key: 'group',
    env: 'SKEIN_GROUP',
    flag: 'group',
    value: 'NAME',
    read: text,
    help: 'the group that this node asks to be in',
  },
  {
    key: 'labels',
    env: 'SKEIN_LABELS',
    flag: 'label',
    value: 'KEY=VALUE',
    read: text,
    many: true,
    gather: labels,
    help: 'a label of this node',
  },
  {
    key: 'capabilities',
    env: 'SKEIN_CAPABILITIES',
    flag: 'capability',
    value: 'NAME',
    read: text,
    many: true,
    help: 'something this node can do',
  },
  {
    key: 'capacity',
    env: 'SKEIN_CAPACITY',
    flag: 'capacity',
    value: 'N',
    read: integer,
    help: 'directives that run at once; default: 4',
  },
  {
    key: 'execute.programs',
    env: 'SKEIN_EXECUTE_PROGRAMS',
    flag: 'allow-program',
    value: 'PATH',
    read: text,
    many: true,
    help: 'a program that directives may run; default: none',
  },
  {
    key: 'execute.variables',
    env: 'SKEIN_EXECUTE_VARIABLES',
    flag: 'allow-variable',
    value: 'NAME',
    read: text,
    many: true,
    help: 'a variable that directives may set, in place of LANG, LC_ALL, LC_CTYPE, TERM, TZ and NO_COLOR',
  },
  {
    key: 'agents',
    env: 'SKEIN_AGENTS',
    flag: 'agent',
    value: 'NAME=PATH',
    read: text,
    many: true,
    gather: agents,
    help: 'a program that directives may spawn as an agent; JSON says more of it; default: none',
  },
  {
    key: 'cortex.peers',
    env: 'SKEIN_CORTEX_PEERS',
    flag: 'cortex-peers',
    value: 'JSON',
    read: text,
    gather: jsonList,
    help: 'CortexPrism instances, as a list; it holds secrets: rather give it in a file; default: none',
  },
  {
    key: 'a2a.push.allow',
    env: 'SKEIN_PUSH_ALLOW',
    flag: 'push-allow',
    value: 'ORIGIN',
    read: text,
    many: true,
    gather: targets,
    help: 'push notifications may go there, too, or to a range of addresses; default: https on public addresses alone',
  },
  {
    key: 'a2a.httpJson',
    env: 'SKEIN_A2A_HTTP_JSON',
    flag: 'a2a-http-json',
    read: yesOrNo,
    help: "serve A2A's HTTP+JSON binding at /a2a/rest, too",
  },
  {
    key: 'a2a.v03',
    env: 'SKEIN_A2A_V03',
    flag: 'a2a-v03',
    value: 'BOOLEAN',
    read: yesOrNo,
    help: 'whether A2A v0.3 is spoken beside v1.0; default: true',
  },
  {
    key: 'databaseUrl',
    env: 'DATABASE_URL',
    flag: 'database-url',
    value: 'URL',
    read: text,
    help: 'a PostgreSQL of yours; default: the node runs its own',
  },
  {
    key: 'postgresUid',
    env: 'SKEIN_PG_UID',
    flag: 'postgres-uid',
    value: 'UID',
    read: integer,
    help: 'as root: the user that runs PostgreSQL',
  },
  {
    key: 'timing',
    env: 'SKEIN_TIMING',
    flag: 'timing',
    value: 'PROFILE',
    read: timing,
    help: 'local, lan or wan; default: lan',
  },
  {
    key: 'shutdown.drainMs',
    env: 'SKEIN_SHUTDOWN_DRAIN_MS',
    flag: 'drain-ms',
    value: 'MS',
    read: integer,
    help: 'how long a SIGTERM lets what runs end; default: 8000; 0 ends it at once',
  },
  {
    key: 'log.level',
    env: 'SKEIN_LOG_LEVEL',
    flag: 'log-level',
    value: 'LEVEL',
    read: text,
    help: 'debug, info, warn, error or silent; default: info',
  },
];
