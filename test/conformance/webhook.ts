/** A receiver of push notifications that a test holds in its hand: what was posted to it, and what it answers. */
import type { HttpPort, HttpReply } from '@skein/a2a-transport';
import { expect } from 'vitest';
import { StreamResponse } from './strict.ts';

interface Posted {
  url: string;
  headers: Record<string, string>;
  event: StreamResponse;
}

export interface Webhook extends HttpPort {
  /** Everything that came, also what was not taken. */
  readonly posted: readonly Posted[];
  /** How the next requests are answered, one each; after these with 204. `silence` never answers. */
  answers(...next: readonly (number | 'silence')[]): void;
}

const none = async function* () {};

export function createWebhook(): Webhook {
  const posted: Posted[] = [];
  const planned: (number | 'silence')[] = [];
  return {
    posted,
    answers: (...next) => void planned.push(...next),
    async request({ method, url, headers, body, signal }): Promise<HttpReply> {
      expect(method).toBe('POST');
      const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
      posted.push({ url, headers: lower, event: StreamResponse.parse(JSON.parse(new TextDecoder().decode(body))) });
      const status = planned.shift() ?? 204;
      if (status !== 'silence') return { status, headers: new Headers(), body: none() };
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
    },
  };
}
