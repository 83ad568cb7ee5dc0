/** What a program adds to its node: tools, handlers of its own, and types of agents. */
import { DirectiveError, DirectiveKind, noUsage, Usage } from '@skein/contracts';
import { z } from 'zod';
import type { AgentRuntime, AgentRuntimes } from './agents/agent-runtime.ts';
import { firstIssue } from './directives/directive-message.ts';
import type { DirectiveHandler, DirectiveHandlers, HandlerOutcome } from './directives/handlers/handler.ts';
import { toJsonOutput } from './directives/handlers/json-output.ts';
import type { Tool } from './directives/handlers/tool.ts';
import { createToolRegistry, type ToolRegistry } from './directives/handlers/tools.ts';
import { SwarmError } from './errors.ts';

/** What a program adds to its node, before the start or after it; its record tells the others. */
export interface Registration {
  /**
   * Lets every node of the swarm call a function of this program by name, with `execute_task` and `{ tool, args }`. A tool
   * of the same name is replaced. Errors: INVALID_ARGUMENT (name, or what is no tool).
   */
  registerTool<S extends z.ZodType>(name: string, tool: Tool<S>): void;
  /**
   * Carries out a kind of directive in the program's own way, instead of the node's. It counts for directives that start
   * from now on. Its output must be JSON of at most 1 MiB, else the directive fails as `handler_output_invalid`; of effect
   * class `tx` are only the `effects` that it hands back.
   * Errors: INVALID_ARGUMENT.
   */
  registerHandler<K extends DirectiveKind>(kind: K, handler: DirectiveHandler<K>): void;
  /**
   * Lets every node of the swarm spawn agents of a type here. A type of the same name is replaced; its agents that run
   * already go on. Errors: INVALID_ARGUMENT (1 to 63 characters).
   */
  registerAgentRuntime(type: string, runtime: AgentRuntime): void;
}

export interface Registrations extends Registration {
  readonly tools: ToolRegistry;
  /** Always as it is now: what is registered later appears in it. */
  readonly runtimes: AgentRuntimes;
  /**
   * The handlers as they are now, whenever they are looked at: the program's own before the node's. Of the node's,
   * `execute_task` is there where `runsPrograms` or a tool is, and `spawn_agent` where a runtime is.
   */
  handlersOver(own: DirectiveHandlers, options: { runsPrograms: boolean }): DirectiveHandlers;
}

const MAX_TYPE = 63;

export interface RegistrationOptions {
  /** The types of agents that the node was made with. @default none */
  runtimes?: AgentRuntimes;
  /** Called after each registration: the kinds that the node offers may be others now. */
  onChange?: () => void;
}

export function createRegistrations(options: RegistrationOptions = {}): Registrations {
  const { runtimes: given = {}, onChange } = options;
  const tools = createToolRegistry();
  const handlers: { -readonly [K in DirectiveKind]?: DirectiveHandler<K> } = {};
  const runtimes: Record<string, AgentRuntime> = Object.create(null); // a type may be called as what every object has

  function addRuntime(type: string, runtime: AgentRuntime): void {
    if (type.length === 0 || type.length > MAX_TYPE)
      throw new SwarmError('INVALID_ARGUMENT', `a type of agents has a name of 1 to ${MAX_TYPE} characters`);
    if (typeof runtime.start !== 'function')
      throw new SwarmError('INVALID_ARGUMENT', `the runtime of ${type} needs a function start`);
    runtimes[type] = runtime;
  }

  for (const [type, runtime] of Object.entries(given)) addRuntime(type, runtime);

  return {
    ...{ tools, runtimes },
    registerTool(name, tool) {
      tools.register(name, tool);
      onChange?.();
    },
    registerAgentRuntime(type, runtime) {
      addRuntime(type, runtime);
      onChange?.();
    },
    registerHandler(kind, handler) {
      if (!DirectiveKind.safeParse(kind).success)
        throw new SwarmError(
          'INVALID_ARGUMENT',
          `there is no kind ${kind}; there are ${DirectiveKind.options.join(', ')}`,
        );
      if (typeof handler !== 'function')
        throw new SwarmError('INVALID_ARGUMENT', `the handler of ${kind} must be a function`);
      Object.assign(handlers, { [kind]: checked(kind, handler) });
      onChange?.();
    },
    handlersOver(own, { runsPrograms }) {
      return {
        get execute_task() {
          return handlers.execute_task ?? (runsPrograms || tools.list().length > 0 ? own.execute_task : undefined);
        },
        get spawn_agent() {
          return handlers.spawn_agent ?? (Object.keys(runtimes).length > 0 ? own.spawn_agent : undefined);
        },
        get query_resources() {
          return handlers.query_resources ?? own.query_resources;
        },
        get forward_message() {
          return handlers.forward_message ?? own.forward_message;
        },
        get sync_state() {
          return handlers.sync_state ?? own.sync_state;
        },
      };
    },
  };
}

/** The kinds that are carried out now, in the order of their table. */
export function offeredKinds(handlers: DirectiveHandlers): DirectiveKind[] {
  return DirectiveKind.options.filter((kind) => handlers[kind] !== undefined);
}

/** What does not fit a book would be tried again for as long as the node lives. */
function checked<K extends DirectiveKind>(kind: K, handler: DirectiveHandler<K>): DirectiveHandler<K> {
  return async (payload, context): Promise<HandlerOutcome> => {
    const outcome = await handler(payload, context);
    const settled = (stored: boolean) => outcome.settled?.(stored);
    const shape = Outcome.safeParse(outcome);
    const json = shape.success
      ? toJsonOutput(outcome.output)
      : { status: 'invalid' as const, why: firstIssue(shape.error) };
    // What it used is recorded here: only the node's own ways record it themselves.
    if (json.status === 'json')
      return { ...outcome, recorded: false, ...(json.output !== undefined && { output: json.output }), settled };
    const message = `the handler of ${kind} answered with what is no outcome: ${json.why}`;
    return {
      ...{ status: 'failed', error: { reason: 'handler_output_invalid', message }, usage: noUsage },
      settled: () => settled(false),
    };
  };
}

const Outcome = z.object({
  status: z.enum(['completed', 'failed']),
  error: DirectiveError.optional(),
  usage: Usage.optional(),
});
