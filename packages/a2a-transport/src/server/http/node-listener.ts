import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createTurnEnd, type Logger, nextTurn } from '@skein/contracts/runtime';
import { ResponseSink } from '../event-sink.ts';
import { type Answer, isStreamed, type StreamedAnswer } from './answer.ts';
import { NodeRequest } from './node-request.ts';
import { onOver } from './on-over.ts';
import type { ServedRequest } from './served-request.ts';

interface NodeListenerOptions {
  /** Paths whose POST requests are `answer`ed. */
  paths: ReadonlySet<string>;
  answer(request: ServedRequest): Promise<Answer>;
  /** Everything else. */
  rest: RequestListener;
  logger: Logger;
}

/** A host that cannot end early within a URL. What is none the rest knows how to refuse. */
const plainHost = /^[\w.:[\]-]{1,255}$/;

/**
 * Answers calls on Node's own request and response. It does what the app does for the same request, for less. Requests that have
 * come in one turn of the loop are worked on together.
 */
export function createNodeListener({ paths, answer, rest, logger }: NodeListenerOptions): RequestListener {
  const isCall = (incoming: IncomingMessage) =>
    incoming.method === 'POST' && paths.has(pathOf(incoming)) && plainHost.test(incoming.headers.host ?? '');
  const together = createTurnEnd();
  return (incoming, outgoing) => {
    if (!isCall(incoming)) return rest(incoming, outgoing);
    answer(new NodeRequest(incoming, outgoing, together))
      .then(async (answered) => {
        if (!incoming.complete) await nextTurn(); // what has come already is read meanwhile
        send(answered, incoming, outgoing);
      })
      .catch((error: unknown) => {
        logger.error('request failed', { error });
        if (outgoing.headersSent) outgoing.destroy();
        else outgoing.writeHead(500).end();
      });
  };
}

function pathOf({ url = '' }: IncomingMessage): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

function send(answer: Answer, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const isTooLate = outgoing.headersSent; // whoever called us has lost patience and answered
  if (isStreamed(answer)) {
    if (isTooLate) answer.giveUp();
    else writeStream(answer, incoming, outgoing);
    return;
  }
  if (isTooLate) return;
  const { status, headers, body } = answer;
  if (body !== null) headers['content-length'] = String(Buffer.byteLength(body));
  if (!incoming.complete) headers.connection = 'close'; // the rest of the request is not waited for
  outgoing.writeHead(status, headers);
  outgoing.end(body ?? undefined);
}

function writeStream(answer: StreamedAnswer, incoming: IncomingMessage, outgoing: ServerResponse): void {
  answer.writeTo(new ResponseSink(outgoing, answer.headers));
  onOver(incoming, outgoing, () => answer.onGone());
}
