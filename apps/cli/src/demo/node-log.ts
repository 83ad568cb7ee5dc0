/** The log of a node of the demonstration: kept in its data folder, and shown where the node failed. */
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { z } from 'zod';

const LONG_LOG_BYTES = 4_194_304;

export interface NodeLog {
  /** For the child; ours is closed once it has been handed over. */
  readonly fd: number;
  close(): void;
  /** The end of what was written since it was opened, for people. */
  lastWords(): string;
}

/** Opened at its end: another life, even one that still runs in this folder, keeps its lines. A long one makes way. */
export function openNodeLog(path: string): NodeLog {
  const bytes = existsSync(path) ? statSync(path).size : 0;
  const isLong = bytes > LONG_LOG_BYTES;
  if (isLong) renameSync(path, `${path}.before`);
  const fd = openSync(path, 'a', 0o600);
  return { fd, close: () => closeSync(fd), lastWords: () => lastWords(path, isLong ? 0 : bytes) };
}

const LINES_SHOWN = 12;

function lastWords(path: string, offset: number): string {
  const written = readFileSync(path).subarray(offset).toString();
  const lines = written.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) return `; it wrote nothing to ${path}`;
  const shown = lines.slice(-LINES_SHOWN).map((line) => `  ${readable(line)}`);
  return `; the end of ${path}:\n${shown.join('\n')}`;
}

/** A line of JSON as a line of text; anything else as it is. */
function readable(line: string): string {
  try {
    const { time, level, message, node: _node, ...fields } = z.record(z.string(), z.unknown()).parse(JSON.parse(line));
    const details = Object.entries(fields).map(
      ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    );
    return [String(time).slice(11, 19), level, message, ...details].join('  ').slice(0, 400);
  } catch {
    return line.slice(0, 400);
  }
}
