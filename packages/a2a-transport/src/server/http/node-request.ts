import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TurnEnd } from '@skein/contracts/runtime';
import type { BodyRead } from '../request-body.ts';
import { onOver } from './on-over.ts';
import type { ServedRequest } from './served-request.ts';

/** A request straight from Node's server. */
export class NodeRequest implements ServedRequest {
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ServerResponse;
  readonly #together: TurnEnd;
  readonly tenant = undefined;

  /** Requests that are given the same `together` go on together once their bodies have come. */
  constructor(incoming: IncomingMessage, outgoing: ServerResponse, together: TurnEnd) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#together = together;
  }

  get target(): string {
    return this.#incoming.url ?? '/';
  }

  get left(): boolean {
    return this.#outgoing.destroyed || this.#incoming.destroyed;
  }

  header(name: string): string | undefined {
    const value = this.#incoming.headers[name];
    return typeof value === 'object' ? value.join(', ') : value; // Node keeps a list of cookies alone
  }

  credentials(): { headers: Headers; url: string } {
    const { rawHeaders, headers: named, socket } = this.#incoming;
    const headers = new Headers();
    for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
      const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
      if (!name.startsWith(':')) headers.append(name, value); // HTTP/2 has its request line among them
    }
    const scheme = 'encrypted' in socket ? 'https' : 'http';
    return { headers, url: `${scheme}://${named.host ?? ''}${this.target}` };
  }

  readBody(maxBytes: number): Promise<BodyRead> {
    const incoming = this.#incoming;
    // HTTP itself holds the sender to the length that it declared.
    const declared = incoming.headers['content-length'];
    if (declared !== undefined && !(Number(declared) <= maxBytes)) return Promise.resolve({ status: 'too_large' });
    // Neither would be heard of any more.
    if (incoming.readableDidRead) return Promise.reject(new Error('The body was read before: hand requests on unread'));
    if (incoming.destroyed) return Promise.reject(new Error('The client went away'));
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let length = 0;
      incoming.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length <= maxBytes) chunks.push(chunk);
        else resolve({ status: 'too_large' }); // what still comes is passed over
      });
      incoming.on('end', () => {
        const [only = noBytes] = chunks;
        const bytes = chunks.length > 1 ? Buffer.concat(chunks, length) : only;
        this.#together(() => resolve({ status: 'read', bytes }));
      });
      incoming.on('error', reject);
      incoming.on('close', () => {
        if (!incoming.readableEnded) reject(new Error('The client went away')); // an error costs more than a request
      });
    });
  }

  onLeave(act: () => void): () => void {
    return onOver(this.#incoming, this.#outgoing, act);
  }
}

const noBytes = Buffer.alloc(0);
