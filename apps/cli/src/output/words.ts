/** How the command line says what the contract holds. */
import {
  type AgentState,
  type DirectiveKind,
  type DirectiveResult,
  type DirectiveStatus,
  type DirectiveView,
  ForwardMessageOutput,
  type NodeView,
  ProgramOutput,
  ProgramTask,
  QueryResourcesOutput,
  SpawnAgentOutput,
  SpawnAgentPayload,
  SyncStateOutput,
  type Usage,
} from '@skein/contracts';
import { formatDuration } from '../durations.ts';
import { type Colors, oneLine } from './terminal.ts';
import { displayWidth } from './text-width.ts';

export function coloredStatus(status: DirectiveStatus | NodeView['status'], color: Colors): string {
  switch (status) {
    case 'completed':
    case 'online':
      return color.green(status);
    case 'failed':
    case 'timed_out':
    case 'rejected':
    case 'interrupted':
    case 'offline':
    case 'sealed':
      return color.red(status);
    case 'pending':
    case 'dispatched':
    case 'running':
    case 'joining':
      return color.cyan(status);
    case 'awaiting_approval':
    case 'cancelled':
    case 'unknown':
    case 'suspect':
    case 'unverified':
    case 'draining':
    case 'drained':
      return color.yellow(status);
    default:
      return status satisfies never;
  }
}

export function coloredAgentState(state: AgentState, color: Colors): string {
  switch (state) {
    case 'completed':
      return color.green(state);
    case 'starting':
    case 'running':
      return color.cyan(state);
    case 'killed':
      return color.yellow(state);
    case 'failed':
    case 'interrupted':
      return color.red(state);
    default:
      return state satisfies never;
  }
}

/** What work used, without what it did not: `1.2 s cpu · 64 MB · 120 in, 40 out · $0.0009 · 3 tool calls` */
export function usageWords(usage: Usage): string {
  const { tokensIn, tokensOut, costMicroUsd, toolCalls, cpuMs, peakMemoryBytes } = usage;
  const parts = [
    cpuMs > 0 && `${formatDuration(cpuMs)} cpu`,
    peakMemoryBytes > 0 && formatBytes(peakMemoryBytes),
    tokensIn + tokensOut > 0 && `${count(tokensIn)} in, ${count(tokensOut)} out`,
    costMicroUsd > 0 && dollars(costMicroUsd),
    toolCalls > 0 && `${count(toolCalls)} tool call${toolCalls === 1 ? '' : 's'}`,
  ];
  return parts.filter((part) => part !== false).join(' · ') || '–';
}

/** `12,345` */
export const count = (value: number) => value.toLocaleString('en-US');

export const dollars = (microUsd: number) => `$${(microUsd / 1_000_000).toFixed(microUsd < 1_000_000 ? 4 : 2)}`;

const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1_000 ** power;
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}

/** The first eight characters of an id: enough for people, and whatever takes an id takes them. */
export const shortId = (id: string) => id.slice(0, 8);

/** What a directive was told to do, in a few words. */
export function orderWords({ kind, payload }: Pick<DirectiveView, 'kind' | 'payload'>): string {
  const program = ProgramTask.safeParse(payload);
  if (kind === 'execute_task' && program.success) return oneLine(program.data.command.join(' '));
  const agent = SpawnAgentPayload.safeParse(payload);
  if (kind === 'spawn_agent' && agent.success)
    return oneLine(`spawn_agent ${agent.data.agentType}: ${agent.data.instruction}`);
  return kind ?? 'a cancellation that came first';
}

/** What came of it, in a few words: the first line that says something. */
export function resultWords(kind: DirectiveView['kind'], result: DirectiveResult): string {
  if (result.error && result.status !== 'completed') return oneLine(`${result.error.reason}: ${result.error.message}`);
  const resources = kind === 'query_resources' ? QueryResourcesOutput.safeParse(result.output) : undefined;
  if (resources?.success) return resourceWords(resources.data);
  const program = ProgramOutput.safeParse(result.output);
  if (program.success) return programWords(program.data);
  const others = kind === null ? undefined : wordsOf[kind]?.(result.output);
  if (others !== undefined) return oneLine(others);
  return result.output === undefined ? '' : oneLine(JSON.stringify(result.output));
}

/** For the kinds whose output is no program's and no accounting. */
const wordsOf: Partial<Record<DirectiveKind, (output: unknown) => string | undefined>> = {
  spawn_agent: (output) => {
    const agent = SpawnAgentOutput.safeParse(output).data;
    if (!agent) return undefined;
    return agent.mode === 'detach' ? `agent ${agent.agentId}` : linesWords(agent.response);
  },
  forward_message: (output) => {
    const sent = ForwardMessageOutput.safeParse(output).data;
    if (!sent) return undefined;
    const { recipient } = sent;
    return `waits for ${'agent' in recipient ? `agent ${recipient.agent}` : `session ${recipient.session}`}`;
  },
  sync_state: (output) => {
    const sync = SyncStateOutput.safeParse(output).data;
    return sync && `${sync.namespace}: ${sync.merged} taken over there, ${sync.entries.length} came back`;
  },
};

function linesWords(text: string): string | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.length > 1 ? `${lines[0]} … ${lines.length} lines` : lines[0];
}

function programWords({ stdout, stderr, exitCode, signal }: ProgramOutput): string {
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '');
  const [first] = lines;
  if (first === undefined) return signal ? `ended by ${signal}` : `exit code ${exitCode}, no output`;
  return lines.length > 1 ? `${oneLine(first)} … ${lines.length} lines` : oneLine(first);
}

/** How busy the machine is, and what the node's work has used of it since the node's start. */
function resourceWords({ metrics }: QueryResourcesOutput): string {
  return `cpu ${Math.round(metrics.cpuPercent)} %, its work used ${formatDuration(metrics.cpuMs)}`;
}

/** `12 s ago`; a clock that is a little ahead says `now`. */
export function ago(timestamp: string, nowMs: number): string {
  const ms = nowMs - Date.parse(timestamp);
  return ms < 1_000
    ? 'now'
    : `${formatDuration(ms < 60_000 ? Math.floor(ms / 1_000) * 1_000 : ms).replace('.0', '')} ago`;
}

const two = (value: number) => String(value).padStart(2, '0');

/** The local hour of a moment: `12:00:01.123` */
export function hour(timestamp: string, withMs = false): string {
  const date = new Date(timestamp);
  const seconds = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return withMs ? `${seconds}.${String(date.getMilliseconds()).padStart(3, '0')}` : seconds;
}

const dayOf = (date: Date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;

/** The local day and hour of a moment: `2026-11-20 16:00` */
export function day(timestamp: string): string {
  return `${dayOf(new Date(timestamp))} ${hour(timestamp).slice(0, 5)}`;
}

/** The hour of a moment of today; of any other day with its date. */
export function moment(timestamp: string, nowMs: number): string {
  return dayOf(new Date(timestamp)) === dayOf(new Date(nowMs)) ? hour(timestamp) : day(timestamp);
}

const LISTED = 6;

/** `node-1, node-2 and 34 more`: as many as fit, six at most. */
export function listed(names: readonly string[], room = Number.POSITIVE_INFINITY): string {
  const all = names.join(', ');
  if (names.length <= LISTED && displayWidth(all) <= room) return all;
  const withRest = (shown: number) =>
    `${names.slice(0, shown).join(', ')}${shown > 0 ? ' and ' : ''}${names.length - shown}${shown > 0 ? ' more' : ' nodes'}`;
  let shown = Math.min(LISTED, names.length - 1);
  while (shown > 0 && displayWidth(withRest(shown)) > room) shown -= 1;
  return withRest(shown);
}
