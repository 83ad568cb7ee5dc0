/**
 * Takes the reports out of what a program says on standard error. Only a line that begins with `{` can be one: it is
 * held until it is whole, everything else passes on as it comes, so that a prompt or a bar of progress is not kept back.
 */
import { LONGEST_LINE, parseReportLine, type ReportLine } from './usage-report.ts';

const NEWLINE = 0x0a;
const BRACE = 0x7b;

export interface StderrReports {
  write(bytes: Buffer): void;
  /** A last line needs no newline. */
  end(): void;
}

export function createStderrReports(
  onReport: (report: ReportLine) => void,
  onText: (bytes: Buffer) => void,
): StderrReports {
  /** The pieces of a line that may be a report. */
  let held: Buffer[] = [];
  let heldBytes = 0;
  /** Within a line that is none. */
  let passing = false;

  function release() {
    const line = Buffer.concat(held, heldBytes);
    held = [];
    heldBytes = 0;
    return line;
  }

  /** A part of one line; `complete` when it holds its newline, or when none is to come. */
  function take(part: Buffer, complete: boolean) {
    if (!passing && heldBytes === 0 && part[0] !== BRACE) passing = true;
    if (passing) onText(part);
    else {
      held.push(part);
      heldBytes += part.length;
      if (heldBytes > LONGEST_LINE) {
        passing = true;
        onText(release());
      } else if (complete) {
        const line = release();
        const report = parseReportLine(line.toString('utf8'));
        if (report.status === 'malformed') onText(line);
        else onReport(report);
      }
    }
    if (complete) passing = false;
  }

  return {
    write(bytes) {
      for (let from = 0; from < bytes.length; ) {
        const newline = bytes.indexOf(NEWLINE, from);
        const to = newline === -1 ? bytes.length : newline + 1;
        take(bytes.subarray(from, to), newline !== -1);
        from = to;
      }
    },
    end() {
      if (heldBytes > 0) take(Buffer.alloc(0), true);
    },
  };
}
