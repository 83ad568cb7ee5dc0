/** Denied unless allowed: which programs a directive may run here, and where. */
import type { DirectiveError, Order } from '@skein/contracts';

export interface PolicyOptions {
  /** Absolute paths of the programs that may run. @default none */
  allowedPrograms: readonly string[];
}

/** The program on the allow-list that a command names: by its whole path, or by its file name where only one has it. */
export function allowedProgram(command: string, allowedPrograms: readonly string[]): string | undefined {
  if (command.includes('/')) return allowedPrograms.find((path) => path === command);
  const named = allowedPrograms.filter((path) => path.slice(path.lastIndexOf('/') + 1) === command);
  return named.length === 1 ? named[0] : undefined;
}

/** Why this node refuses an order; undefined where it may run. */
export function refusalOf(order: Order, policy: PolicyOptions): DirectiveError | undefined {
  if (order.kind !== 'execute_task') return undefined;
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
  const variable = Object.keys(order.payload.env ?? {}).find(changesOtherPrograms);
  if (variable === undefined) return undefined;
  return {
    reason: 'variable_not_allowed',
    message: `the environment variable ${variable} could make an allowed program run another; leave it out`,
    metadata: { variable },
  };
}

/** Variables by which a loader, a shell or a runtime runs code that is not on the allow-list, and our own. */
function changesOtherPrograms(name: string): boolean {
  return (
    /^(LD|DYLD|SKEIN|GIT|BASH_FUNC)_/.test(name) ||
    /^(PATH|IFS|ENV|BASH_ENV|SHELLOPTS|BASHOPTS|NODE_OPTIONS|NODE_PATH|PERL5OPT|PERL5LIB|PERL5DB|RUBYOPT|RUBYLIB|JAVA_TOOL_OPTIONS|PYTHON[A-Z]*|HOME)$/.test(
      name,
    )
  );
}
