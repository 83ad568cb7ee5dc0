/** pino behind the Logger port: JSON lines for machines, one readable line each where a person watches. */
import type { Writable } from 'node:stream';
import type { LogFields, Logger } from '@skein/contracts/runtime';
import { type Logger as Pino, pino } from 'pino';
import type { Config } from '../config/config-schema.ts';

interface LoggerOptions {
  level: Config['log']['level'];
  name: string;
  /** Whether the output is a terminal. */
  readable: boolean;
}

/** Fields that would let whoever reads the log in. */
const SECRET_FIELDS = ['token', 'joinToken', 'authorization', 'databaseUrl', 'pem', 'privateKey'];

export function createLogger(output: Pick<Writable, 'write'>, { level, name, readable }: LoggerOptions): Logger {
  const destination = readable ? { write: (line: string) => void output.write(readableLine(line)) } : output;
  const logger = pino(
    {
      level,
      base: { node: name },
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: [...SECRET_FIELDS, ...SECRET_FIELDS.map((field) => `*.${field}`)], censor: '[secret]' },
    },
    { write: (line: string) => void destination.write(line) },
  );
  return behindPort(logger);
}

function behindPort(logger: Pino): Logger {
  return {
    debug: (message, fields) => logger.debug(plain(fields), message),
    info: (message, fields) => logger.info(plain(fields), message),
    warn: (message, fields) => logger.warn(plain(fields), message),
    error: (message, fields) => logger.error(plain(fields), message),
    child: (fields) => behindPort(logger.child(plain(fields))),
  };
}

/** Errors have no JSON of their own: under whatever name they come, they are told with code, stack and cause. */
function plain(fields: LogFields = {}): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      value instanceof Error ? pino.stdSerializers.err(value) : value,
    ]),
  );
}

/** `12:00:01.250 warn   a seed does not answer  seed=http://… attempt=2` */
function readableLine(line: string): string {
  const { time, level, message, node: _node, ...fields } = JSON.parse(line) as Record<string, unknown>; // pino wrote it
  const details = Object.entries(fields).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : told(value)}`,
  );
  return `${String(time).slice(11, 23)} ${String(level).padEnd(5)} ${[message, ...details].join('  ')}\n`;
}

function told(value: unknown): string {
  const isError = typeof value === 'object' && value !== null && 'stack' in value && 'message' in value;
  return isError ? String(value.message) : JSON.stringify(value);
}
