/**
 * What a program reports of itself, one JSON object a line, on the file descriptor named by `SKEIN_REPORT_FD`: 3, or 2
 * where its host reads reports on standard error. Two keys are known, and one line may hold both:
 *
 *     {"usage":{"tokensIn":1200,"tokensOut":80,"costMicroUsd":900,"toolCalls":1}}
 *     {"progress":"read 12 of 40 files"}
 *
 * `usage`: each number is an increment, a non-negative integer; a name that is missing adds nothing and an unknown name
 * is passed over. `progress`: what people are to see of it now, one line of at most 500 characters; control characters
 * are taken out and the rest is cut. Other keys are passed over. A line that holds neither key in its form is malformed:
 * on descriptor 3 it is counted, never fatal, and on standard error it is no report but what the program says there.
 */
import { StringDecoder } from 'node:string_decoder';

export const REPORT_FD = 3;
export const STDERR_FD = 2;
export const REPORT_FD_VARIABLE = 'SKEIN_REPORT_FD';

/** A longer line is malformed and is skipped as it comes, without being held. */
export const LONGEST_LINE = 16 * 1024;
const LONGEST_PROGRESS = 500;

const COUNTERS = ['tokensIn', 'tokensOut', 'costMicroUsd', 'toolCalls'] as const;
export type ReportedUsage = Record<(typeof COUNTERS)[number], number>;

export const nothingReported: ReportedUsage = { tokensIn: 0, tokensOut: 0, costMicroUsd: 0, toolCalls: 0 };

export type ReportLine =
  | { status: 'usage'; increments: ReportedUsage; refused: readonly string[]; progress?: string }
  | { status: 'malformed' };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Numbers that cannot be are left out of the increments and named in `refused`, as is a key whose form is wrong. */
export function parseReportLine(line: string): ReportLine {
  let report: unknown;
  try {
    report = JSON.parse(line);
  } catch {
    return { status: 'malformed' };
  }
  if (!isObject(report)) return { status: 'malformed' };
  const usage = Object.hasOwn(report, 'usage') ? report.usage : undefined;
  const said = Object.hasOwn(report, 'progress') ? report.progress : undefined;
  const progress = typeof said === 'string' ? oneLine(said) : undefined;
  if (!isObject(usage) && progress === undefined) return { status: 'malformed' };
  const refused: string[] = [];
  if (said !== undefined && progress === undefined) refused.push('progress');
  const increments = { ...nothingReported };
  if (!isObject(usage)) {
    if (usage !== undefined) refused.push('usage');
  } else
    for (const name of COUNTERS) {
      if (!Object.hasOwn(usage, name)) continue;
      const value = usage[name];
      if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) increments[name] = value;
      else refused.push(name);
    }
  return { status: 'usage', increments, refused, ...(progress === undefined ? {} : { progress }) };
}

/** What comes from a program ends on somebody's terminal: control and format characters could draw there. */
function oneLine(text: string): string {
  const spaced = text.slice(0, 4 * LONGEST_PROGRESS).replaceAll(/[\r\n\t\u2028\u2029]+/g, ' ');
  return [...spaced.replaceAll(/[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '').trim()]
    .slice(0, LONGEST_PROGRESS)
    .join('');
}

/** Sums stop at the largest safe integer rather than lose precision. */
export function addReported(a: ReportedUsage, b: ReportedUsage): ReportedUsage {
  const sum = { ...nothingReported };
  for (const name of COUNTERS) sum[name] = Math.min(a[name] + b[name], Number.MAX_SAFE_INTEGER);
  return sum;
}

/** Cuts a stream of bytes into lines and calls `onLine` with each; an overlong one arrives as undefined. */
export function createLineSplitter(onLine: (line: string | undefined) => void): {
  write(bytes: Buffer): void;
  /** A last line needs no newline. */
  end(): void;
} {
  const decoder = new StringDecoder('utf8');
  let held = '';
  let skipping = false;

  function take(text: string, complete: boolean) {
    if (!skipping) held += text;
    if (held.length > LONGEST_LINE) {
      held = '';
      skipping = true;
    }
    if (!complete) return;
    if (skipping) onLine(undefined);
    else if (held.trim() !== '') onLine(held);
    held = '';
    skipping = false;
  }

  return {
    write(bytes) {
      const lines = decoder.write(bytes).split('\n');
      const rest = lines.pop() ?? '';
      for (const line of lines) take(line, true);
      take(rest, false);
    },
    end() {
      take(decoder.end(), true);
    },
  };
}
