/** What is written down while running: a constant message and fields, never a sentence built from values. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where a library says what it does: `silentLogger` unless one is handed in. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds these fields to each of its lines. */
  child(fields: LogFields): Logger;
}

/** Says nothing: the default of every package, because a library does not speak unless asked. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
};
