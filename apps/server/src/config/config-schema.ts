/** What a node can be told. Every source (file, environment, flags) is held to this one schema. */
import { GroupName, JOIN_TOKEN_PREFIX, Labels, NodeName } from '@skein/contracts';
import { z } from 'zod';
import { A2AConfig } from './a2a-config.ts';
import { AgentConfigs } from './agent-config.ts';
import { CortexConfig } from './cortex-config.ts';

const LogLevel = z.enum(['debug', 'info', 'warn', 'error', 'silent']);

/** The time between beats and sweeps: a profile, or both numbers. */
const Timing = z.union(
  [
    z.enum(['local', 'lan', 'wan']),
    z.strictObject({ heartbeatIntervalMs: z.int().min(50), sweepIntervalMs: z.int().min(10) }),
  ],
  'expected local, lan, wan or { heartbeatIntervalMs, sweepIntervalMs }',
);

export const ConfigShape = {
  /** What people call the node. @default the machine's name */
  name: NodeName,
  /** Where the node keeps its key, its database and the files of its programs. @default .skein/node */
  dataDir: z.string().min(1),
  /** The address to listen on. Beyond loopback only with `insecure`, until TLS exists. */
  host: z.string().min(1),
  /** 0 means any free port. A busy one means the next free one, unless `strictPort`. */
  port: z.int().min(0).max(65_535),
  strictPort: z.boolean(),
  insecure: z.boolean(),
  group: GroupName,
  labels: Labels,
  capabilities: z.array(z.string().min(1).max(63)).max(64),
  /** How many directives run at once. */
  capacity: z.int().min(1).max(1_024),
  seeds: z.array(z.url({ protocol: /^https?$/, error: 'expected an origin such as http://127.0.0.1:4220' })).max(16),
  joinToken: z.string().startsWith(JOIN_TOKEN_PREFIX, `expected a join token: it starts with ${JOIN_TOKEN_PREFIX}`),
  /** A PostgreSQL of yours. @default the node runs its own */
  databaseUrl: z.url({ protocol: /^postgres(ql)?$/, error: 'expected postgres://user:password@host:port/database' }),
  /** Started as root, the node runs its own PostgreSQL as this user id. */
  postgresUid: z.int().min(1),
  timing: Timing,
  execute: z.strictObject({
    /** The programs that directives may run here. @default none */
    programs: z.array(
      z
        .string()
        .startsWith('/', 'expected an absolute path: programs are never looked up on PATH')
        .refine((path) => !path.includes('\0'), 'must not contain NUL'),
    ),
    /** The environment variables that directives may set for them. @default LANG, LC_ALL, LC_CTYPE, TERM, TZ, NO_COLOR */
    variables: z.array(
      z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of a variable, such as GREETING')
        .refine((name) => !name.startsWith('SKEIN_'), "expected another name: SKEIN_… is the node's own"),
    ),
  }),
  /** The types of agents that directives may spawn here. @default none */
  agents: AgentConfigs,
  /** Instances of CortexPrism, each let in by a secret path. @default none */
  cortex: CortexConfig,
  /** How A2A is spoken with those who bring no directives. */
  a2a: A2AConfig,
  shutdown: z.strictObject({
    /** How long a SIGTERM lets what runs end by itself, in milliseconds. */
    drainMs: z.int().min(0).max(86_400_000),
  }),
  log: z.strictObject({ level: LogLevel }),
};

/** One source: any part of the whole. */
export const PartialConfig = z
  .strictObject({
    ...ConfigShape,
    execute: ConfigShape.execute.partial(),
    cortex: ConfigShape.cortex.partial(),
    a2a: ConfigShape.a2a.partial().extend({ push: A2AConfig.shape.push.partial().optional() }),
    shutdown: ConfigShape.shutdown.partial(),
    log: ConfigShape.log.partial(),
  })
  .partial();
export type PartialConfig = z.infer<typeof PartialConfig>;

export const Config = z.strictObject({
  ...ConfigShape,
  host: ConfigShape.host.default('127.0.0.1'),
  port: ConfigShape.port.default(4_220),
  strictPort: ConfigShape.strictPort.default(false),
  insecure: ConfigShape.insecure.default(false),
  group: ConfigShape.group.optional(),
  labels: ConfigShape.labels.default({}),
  capabilities: ConfigShape.capabilities.default([]),
  capacity: ConfigShape.capacity.default(4),
  seeds: ConfigShape.seeds.default([]),
  joinToken: ConfigShape.joinToken.optional(),
  databaseUrl: ConfigShape.databaseUrl.optional(),
  postgresUid: ConfigShape.postgresUid.optional(),
  timing: ConfigShape.timing.default('lan'),
  execute: z
    .strictObject({
      programs: ConfigShape.execute.shape.programs.default([]),
      variables: ConfigShape.execute.shape.variables.optional(),
    })
    .prefault({}),
  agents: ConfigShape.agents.default({}),
  cortex: z.strictObject({ peers: ConfigShape.cortex.shape.peers.default([]) }).prefault({}),
  a2a: z
    .strictObject({
      push: z.strictObject({ allow: A2AConfig.shape.push.shape.allow.default([]) }).prefault({}),
      httpJson: A2AConfig.shape.httpJson.default(false),
      v03: A2AConfig.shape.v03.default(true),
    })
    .prefault({}),
  shutdown: z.strictObject({ drainMs: ConfigShape.shutdown.shape.drainMs.default(8_000) }).prefault({}),
  log: z.strictObject({ level: LogLevel.default('info') }).prefault({}),
});
export type Config = z.infer<typeof Config>;

/** Keys whose values never stand in a message or a log line. */
const SECRET_KEYS: readonly string[] = ['joinToken', 'databaseUrl'];

/**
 * Whether the value there is one of them. An agent's environment holds the keys of the services that it uses; a cortex
 * peer's key lets it in, and its endpoint may hold the key that lets this node in there.
 */
export function isSecret(path: readonly PropertyKey[]): boolean {
  const [key, , part, field] = path;
  if (key === 'agents') return path.length < 3 || part === 'env' || (part === 'command' && path.length === 3);
  if (key === 'cortex') return path.length < 4 || field === 'key' || field === 'endpoint';
  return SECRET_KEYS.includes(String(key));
}
