/**
 * What a program reports of itself on the file descriptor named by `SKEIN_REPORT_FD`: one JSON object a line, such as
 * `{"usage":{"tokensIn":120,"costMicroUsd":900}}`. Each number is an increment, a non-negative integer; a name that is
 * missing adds nothing and an unknown name is passed over. A line that says anything else is counted, never fatal.
 */
import { StringDecoder } from 'node:string_decoder';

export const REPORT_FD = 3;
export const REPORT_FD_VARIABLE = 'SKEIN_REPORT_FD';

/** A longer line is malformed and is skipped as it comes, without being held. */
const LONGEST_LINE = 16 * 1024;

const COUNTERS = ['tokensIn', 'tokensOut', 'costMicroUsd', 'toolCalls'] as const;
export type ReportedUsage = Record<(typeof COUNTERS)[number], number>;

export const nothingReported: ReportedUsage = { tokensIn: 0, tokensOut: 0, costMicroUsd: 0, toolCalls: 0 };

export type ReportLine =
  | { status: 'usage'; increments: ReportedUsage; refused: readonly string[] }
  | { status: 'malformed' };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Numbers that cannot be are left out of the increments and named in `refused`. */
export function parseReportLine(line: string): ReportLine {
  let report: unknown;
  try {
    report = JSON.parse(line);
  } catch {
    return { status: 'malformed' };
  }
  if (!isObject(report) || !isObject(report.usage)) return { status: 'malformed' };
  const increments = { ...nothingReported };
  const refused: string[] = [];
  for (const name of COUNTERS) {
    if (!Object.hasOwn(report.usage, name)) continue;
    const value = report.usage[name];
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) increments[name] = value;
    else refused.push(name);
  }
  return { status: 'usage', increments, refused };
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
