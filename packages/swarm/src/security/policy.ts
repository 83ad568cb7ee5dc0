/** Denied unless allowed: which programs a directive may run here, and with which variables. */
import type { DirectiveError, Order } from '@skein/contracts';

/** What directives may run here. Tools and types of agents are allowed by being registered. */
export interface PolicyOptions {
  /** Absolute paths of the programs that may run. @default none */
  allowedPrograms: readonly string[];
  /**
   * Names of the environment variables that a directive may set. Listed and not guessed: loaders, shells and runtimes
   * have too many by which they run what is on no list. @default LANG, LC_ALL, LC_CTYPE, TERM, TZ, NO_COLOR
   */
  allowedVariables?: readonly string[];
}

/** They change how a program speaks, and not what it runs. */
const HARMLESS_VARIABLES = ['LANG', 'LC_ALL', 'LC_CTYPE', 'TERM', 'TZ', 'NO_COLOR'] as const;

/** The program on the allow-list that a command names: by its whole path, or by its file name where only one has it. */
export function allowedProgram(command: string, allowedPrograms: readonly string[]): string | undefined {
  if (command.includes('/')) return allowedPrograms.find((path) => path === command);
  const named = allowedPrograms.filter((path) => path.slice(path.lastIndexOf('/') + 1) === command);
  return named.length === 1 ? named[0] : undefined;
}

/** The tools that a node's program has registered: to register one is to allow it. */
export interface RegisteredTools {
  has(name: string): boolean;
}

const noTools: RegisteredTools = { has: () => false };

/** Why this node refuses an order; undefined where it may run. */
export function refusalOf(
  order: Order,
  policy: PolicyOptions,
  tools: RegisteredTools = noTools,
): DirectiveError | undefined {
  if (order.kind !== 'execute_task') return undefined;
  if ('tool' in order.payload && tools.has(order.payload.tool)) return undefined;
  if ('tool' in order.payload)
    return {
      reason: 'tool_not_registered',
      message: `this node has no tool named ${order.payload.tool}`,
      metadata: { tool: order.payload.tool },
    };
  const [program] = order.payload.command;
  if (!allowedProgram(program, policy.allowedPrograms))
    return {
      reason: 'program_not_allowed',
      message: `${program} is not on this node's allow-list; its operator can add it under execute.programs`,
      metadata: { program },
    };
  const allowed: readonly string[] = policy.allowedVariables ?? HARMLESS_VARIABLES;
  // What a program is told of itself is the node's word, whatever is listed.
  const variable = Object.keys(order.payload.env ?? {}).find(
    (name) => name.startsWith('SKEIN_') || !allowed.includes(name),
  );
  if (variable === undefined) return undefined;
  return {
    reason: 'variable_not_allowed',
    message: `the environment variable ${variable} is not on this node's allow-list; its operator can add it under execute.variables`,
    metadata: { variable },
  };
}
