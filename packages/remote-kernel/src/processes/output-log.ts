import { StringDecoder } from 'node:string_decoder';
import type { ProgramOutput } from './program.ts';

/** Small pieces are joined up to this length while nobody has read them, so that a program that writes byte by byte fits. */
const JOINED_LENGTH = 4096;

/**
 * Keeps what a program says, up to a cap in bytes, and hands it out to any number of readers from the beginning. Because
 * the cap bounds what is kept, readers need no queue of their own and the program never waits for one.
 */
export interface OutputLog extends AsyncIterable<ProgramOutput> {
  append(stream: ProgramOutput['stream'], bytes: Buffer): void;
  /** Lets the readers finish. What is appended later is dropped. */
  end(): void;
  textOf(stream: ProgramOutput['stream']): string;
  readonly truncated: boolean;
}

export function createOutputLog(maxBytes: number): OutputLog {
  const pieces: ProgramOutput[] = [];
  const decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  const waiting = new Set<() => void>();
  let keptBytes = 0;
  /** How many pieces some reader has seen: these must not change any more. */
  let readCount = 0;
  let truncated = false;
  let ended = false;

  function wakeReaders() {
    for (const wake of waiting) wake();
    waiting.clear();
  }

  function push(stream: ProgramOutput['stream'], text: string) {
    if (text === '') return;
    const last = pieces.at(-1);
    if (last?.stream === stream && pieces.length > readCount && last.text.length < JOINED_LENGTH) last.text += text;
    else pieces.push({ stream, text });
    wakeReaders();
  }

  return {
    get truncated() {
      return truncated;
    },
    append(stream, bytes) {
      if (ended || bytes.length === 0) return;
      const kept = bytes.subarray(0, maxBytes - keptBytes);
      if (kept.length < bytes.length) truncated = true;
      keptBytes += kept.length;
      // A character cut by the cap stays in the decoder and is never shown.
      if (kept.length > 0) push(stream, decoders[stream].write(kept));
    },
    end() {
      if (ended) return;
      if (!truncated) {
        push('stdout', decoders.stdout.end());
        push('stderr', decoders.stderr.end());
      }
      ended = true;
      wakeReaders();
    },
    textOf: (stream) =>
      pieces
        .filter((piece) => piece.stream === stream)
        .map((piece) => piece.text)
        .join(''),
    async *[Symbol.asyncIterator]() {
      for (let at = 0; ; ) {
        const piece = pieces[at];
        if (piece) {
          at += 1;
          readCount = Math.max(readCount, at);
          yield { ...piece };
        } else if (ended) return;
        else await new Promise<void>((wake) => waiting.add(wake));
      }
    },
  };
}
