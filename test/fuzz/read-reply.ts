/** Reads a reply as a client would: a plain one to its end, a stream until there is nothing more to wait for. */

export interface ReadReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Whether the reader left before the end. */
  readonly left: boolean;
}

/** A plain reply that takes longer never comes. */
const HANGS_AFTER_MS = 5_000;
/** A stream that is silent for longer waits for its client: it stays open through INPUT_REQUIRED. */
const SILENT_MS = 40;
const waiting = /"(?:TASK_STATE_)?(?:INPUT_REQUIRED|AUTH_REQUIRED|input-required|auth-required)"/;

export async function readReply(coming: Promise<Response>, leaves: number): Promise<ReadReply> {
  const reply = await within(coming, HANGS_AFTER_MS, 'the head of the reply');
  const { status, headers } = reply;
  if (!/^text\/event-stream\b/.test(headers.get('content-type') ?? '')) {
    return { status, headers, text: await within(reply.text(), HANGS_AFTER_MS, 'the reply'), left: false };
  }
  const reader = reply.body?.getReader();
  if (!reader) return { status, headers, text: '', left: false }; // to HEAD; the rules say so
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  while (text.split('\n\n').length <= leaves && !waiting.test(text)) {
    const next = await within(reader.read(), SILENT_MS, 'silence').catch(() => undefined);
    if (next === undefined) break;
    if (next.done) return { status, headers, text, left: false };
    text += decoder.decode(next.value, { stream: true });
  }
  await reader.cancel();
  return { status, headers, text, left: true };
}

async function within<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
