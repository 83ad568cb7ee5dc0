/** What an agent's process is started with: its arguments, its environment, its first word. */
import { resolve } from 'node:path';
import type { AgentId, AgentInputLine, AgentLimits, DirectiveId } from '@skein/contracts';
import { keepInputOpen, type ProgramSpec, type ReportChannel } from '../processes/program.ts';
import type { RestartSettings } from './restart-policy.ts';

/** One type of agent, as a node is configured with it. */
export interface CommandAgentConfig {
  /** An absolute path and its arguments. No shell reads them. */
  command: readonly [program: string, ...args: string[]];
  /**
   * How the instruction comes. `argument`: as the last argument. `text`: on standard input, which ends after it.
   * `lines`: on standard input, which stays open and takes one JSON object a line, see `AgentInputLine`.
   */
  input: 'argument' | 'text' | 'lines';
  /** Added to the environment; it may replace PATH, LANG and HOME. */
  env: Readonly<Record<string, string>>;
  /** Where the agent reports, see `processes/usage-report.ts`. */
  report: ReportChannel;
  /** No caller can raise these. */
  limits: AgentLimits;
  /** After crashes. Shared by all agents of the type. */
  restart: RestartSettings;
  /** Relative to the work folder. @default the work folder */
  cwd?: string | undefined;
}

/** One agent to run. */
export interface CommandAgentRequest {
  agentId: AgentId;
  name: string;
  instruction: string;
  context: Readonly<Record<string, unknown>>;
  /** Asked for by the caller. */
  limits: AgentLimits;
  directiveId: DirectiveId;
  workFolder: string;
}

export type AgentProgram =
  | { status: 'ready'; specOf(attempt: number): ProgramSpec; firstLine: string | undefined }
  | { status: 'impossible'; reason: 'CONTEXT_TOO_LARGE'; message: string };

/** The system bounds one variable at 128 KiB; beyond half of that a context belongs in a file or in a state namespace. */
const LONGEST_CONTEXT_BYTES = 65_536;

export function programOf(
  { command: [program, ...args], input, env, cwd }: CommandAgentConfig,
  { agentId, name, instruction, context, directiveId, workFolder }: CommandAgentRequest,
): AgentProgram {
  const contextJson = JSON.stringify(context);
  const contextBytes = Buffer.byteLength(contextJson);
  if (contextBytes > LONGEST_CONTEXT_BYTES)
    return {
      status: 'impossible',
      reason: 'CONTEXT_TOO_LARGE',
      message: `the agent's context takes ${contextBytes} bytes as JSON, and ${LONGEST_CONTEXT_BYTES} at most are passed on: send less of it`,
    };
  const surroundings = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'C.UTF-8',
    HOME: workFolder,
    ...env,
    SKEIN_AGENT_ID: agentId,
    SKEIN_AGENT_NAME: name,
    SKEIN_DIRECTIVE_ID: directiveId,
    SKEIN_CONTEXT: contextJson,
  };
  const stdin = { argument: {}, text: { stdin: instruction }, lines: { stdin: keepInputOpen } }[input];
  return {
    status: 'ready',
    firstLine: input === 'lines' ? inputLine({ type: 'instruction', text: instruction, context }) : undefined,
    specOf: (attempt) => ({
      program,
      args: input === 'argument' ? [...args, instruction] : args,
      cwd: resolve(workFolder, cwd ?? '.'),
      env: { ...surroundings, SKEIN_ATTEMPT: String(attempt) },
      ...stdin,
    }),
  };
}

type Instruction = Extract<AgentInputLine, { type: 'instruction' }>;
type Word = Extract<AgentInputLine, { type: 'message' }>;

/** JSON escapes what would end the line. */
export const inputLine = (line: (Omit<Instruction, 'context'> & { context: object }) | Word): string =>
  `${JSON.stringify(line)}\n`;

/** The lower of each. */
export function lowestLimits(own: AgentLimits, asked: AgentLimits): AgentLimits {
  const limits: AgentLimits = {};
  for (const name of ['timeoutMs', 'memoryBytes', 'outputBytes'] as const) {
    const lowest = Math.min(own[name] ?? Number.POSITIVE_INFINITY, asked[name] ?? Number.POSITIVE_INFINITY);
    if (Number.isFinite(lowest)) limits[name] = lowest;
  }
  return limits;
}
