/** Gathers what one run reports of itself, whichever way it comes: the sums of its numbers, and its last progress. */
import type { Readable } from 'node:stream';
import type { Clock, Logger } from '@skein/contracts/runtime';
import { readPaced } from './drain-pace.ts';
import type { ReportChannel } from './program.ts';
import { createStderrReports } from './stderr-reports.ts';
import {
  addReported,
  createLineSplitter,
  nothingReported,
  parseReportLine,
  type ReportedUsage,
  type ReportLine,
} from './usage-report.ts';

export interface ProgramReports {
  usage(): ReportedUsage;
  /** Nothing more will come. */
  end(): void;
}

export interface ReportStreams {
  stderr: Readable | null;
  descriptor: Readable | undefined;
}

export interface ReportOptions {
  runId: string;
  reportOn: ReportChannel;
  onStderr(bytes: Buffer): void;
  /** Standard error goes to waste from here on. */
  isDropped(): boolean;
  onUsage(): void;
  onProgress(progress: string): void;
}

export function gatherReports(
  { clock, logger }: { clock: Clock; logger: Logger },
  { stderr, descriptor }: ReportStreams,
  { runId, reportOn, onStderr, isDropped, onUsage, onProgress }: ReportOptions,
): ProgramReports {
  let reported = nothingReported;
  let malformedLines = 0;
  let refusedNumbers = 0;
  let usageIsNews = false;
  let progress: string | undefined;

  function take(report: ReportLine) {
    if (report.status === 'malformed') {
      malformedLines += 1;
      if (malformedLines === 1) logger.warn('usage report has a malformed line', { runId });
      return;
    }
    reported = addReported(reported, report.increments);
    usageIsNews = true;
    progress = report.progress ?? progress;
    if (report.refused.length === 0) return;
    refusedNumbers += report.refused.length;
    if (refusedNumbers === report.refused.length)
      logger.warn('usage report has an impossible number', { runId, names: report.refused });
  }

  /** Once for all that came in one piece, so that a flood of lines is no flood of news. */
  function tell() {
    const said = progress;
    progress = undefined;
    if (usageIsNews) onUsage();
    usageIsNews = false;
    if (said !== undefined) onProgress(said);
  }

  const lines = createLineSplitter((line) =>
    take(line === undefined ? { status: 'malformed' } : parseReportLine(line)),
  );
  const stderrReports = createStderrReports(take, onStderr);
  const onStderrBytes =
    reportOn === 'descriptor'
      ? onStderr
      : (bytes: Buffer) => {
          stderrReports.write(bytes);
          tell();
        };
  const onDescriptorBytes = (bytes: Buffer) => {
    if (reportOn !== 'descriptor') return;
    lines.write(bytes);
    tell();
  };
  // Reports are few and short; whoever floods a pipe of reports is paced from the first byte.
  if (stderr)
    readPaced(stderr, clock, { onBytes: onStderrBytes, isDropped: () => reportOn === 'stderr' || isDropped() });
  if (descriptor) readPaced(descriptor, clock, { onBytes: onDescriptorBytes, isDropped: () => true });

  return {
    usage: () => reported,
    end() {
      lines.end();
      stderrReports.end();
      tell();
      if (malformedLines + refusedNumbers > 1)
        logger.warn('usage report had mistakes', { runId, malformedLines, refusedNumbers });
    },
  };
}
