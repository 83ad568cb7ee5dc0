/** Where the command line writes: what it may colour, how wide it is, and what it must not let through. */
import pc from 'picocolors';

export type Colors = ReturnType<typeof pc.createColors>;

export interface Terminal {
  /** To stdout: what was asked for. */
  out(text: string): void;
  /** To stderr: what is said beside it. */
  err(text: string): void;
  readonly color: Colors;
  /** Columns of a line; endless where nobody watches. */
  readonly width: number;
  readonly isTty: boolean;
}

interface Streams {
  stdout: Pick<NodeJS.WriteStream, 'write'> & { isTTY?: boolean; columns?: number };
  stderr: Pick<NodeJS.WriteStream, 'write'>;
}

export function createTerminal(
  { stdout, stderr }: Streams,
  env: Readonly<Record<string, string | undefined>>,
  noColor: boolean,
): Terminal {
  const isTty = stdout.isTTY === true;
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    color: pc.createColors(wantsColor(env, isTty) && !noColor),
    width: isTty ? (stdout.columns ?? 80) : Number.POSITIVE_INFINITY,
    isTty,
  };
}

/** NO_COLOR (https://no-color.org) wins, FORCE_COLOR follows, else a terminal has colours and a pipe has none. */
export function wantsColor(env: Readonly<Record<string, string | undefined>>, isTty: boolean): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0';
  return isTty && env.TERM !== 'dumb';
}

// The point of these is to find control characters; nothing else can.
// biome-ignore lint/suspicious/noControlCharactersInRegex: see above
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: see above
const COLOR = /\u001b\[[0-9;]*m/g;

/** Others' words on one line: a name or a message must not move the cursor, clear the screen or turn the text around. */
export function oneLine(text: string): string {
  return text
    .replaceAll(/[\t\r\n]+/g, ' ')
    .replaceAll(CONTROL, '�')
    .trim();
}

/** As `oneLine`, with the blanks in front: they may be part of a picture. */
export const printableLine = (text: string) => `${/^ */.exec(text)?.[0] ?? ''}${oneLine(text)}`;

/** A program's output: lines, tabs and colours as they are, and nothing else that a terminal would obey. */
export function printable(text: string): string {
  const colors = text.match(COLOR) ?? [];
  const parts = text.split(COLOR).map((part) =>
    part
      .replaceAll(/\r(?!\n)/g, '\n')
      .replaceAll('\r', '')
      .replaceAll(CONTROL, '�'),
  );
  return parts.map((part, index) => part + (colors[index] ?? '')).join('');
}
