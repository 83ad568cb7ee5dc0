/** What a node can be told of one type of agent that it runs for others. */
import { AgentLimits } from '@skein/contracts';
import { z } from 'zod';

const noNul = z.string().refine((text) => !text.includes('\0'), 'must not contain NUL');

/** What people and directives call the type. */
const AgentTypeName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
    'expected a name of letters, digits, dot, dash and underscore, at most 63 of them',
  );

const VariableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of a variable, such as GREETING')
  .refine((name) => !name.startsWith('SKEIN_'), "expected another name: SKEIN_… is the node's own");

export const AgentConfig = z.strictObject({
  /** A program that the node starts, the only runtime so far. */
  runtime: z.literal('command').default('command'),
  /** An absolute path and its arguments; no shell reads them. */
  command: z.tuple(
    [noNul.startsWith('/', 'expected an absolute path: programs are never looked up on PATH')],
    noNul,
    'expected a list: an absolute path and its arguments',
  ),
  /** How the instruction reaches it. */
  input: z.enum(['argument', 'text', 'lines']).default('text'),
  /** Its environment, beside PATH, LANG, HOME and what the node tells it. */
  env: z.record(VariableName, noNul).default({}),
  /** Where it reports usage and progress: file descriptor 3, or lines on standard error. */
  report: z.enum(['descriptor', 'stderr']).default('descriptor'),
  /** A caller can ask for less and not for more. @default no limits */
  limits: AgentLimits.default({}),
  restart: z
    .strictObject({
      /** Restarts after crashes in hand for all agents of the type; ten good runs give one back. */
      budget: z.int().min(0).max(1_000).default(0),
      /** Before the first restart; twice as long for each crash in a row, a minute at most. */
      delayMs: z.int().min(1).max(60_000).default(1_000),
    })
    .prefault({}),
  /** Relative to the node's work folder. @default the work folder */
  cwd: noNul.min(1).optional(),
  /** What people read of it in the node's card. */
  description: z.string().max(500).optional(),
});
export type AgentConfig = z.infer<typeof AgentConfig>;

export const AgentConfigs = z.record(
  AgentTypeName,
  AgentConfig,
  'expected agents by name, such as {"index":{"command":["/usr/bin/indexer"]}}, or NAME=PATH',
);
