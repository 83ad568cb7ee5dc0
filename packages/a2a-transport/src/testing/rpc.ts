import type { A2AServer } from '../server/server.ts';

interface RpcAnswer {
  status: number;
  headers: Headers;
  /** The parsed body; `undefined` when there is none. Tests look into it with matchers. */
  body: unknown;
}

const usual = { 'content-type': 'application/json', 'a2a-version': '1.0' };

/** Posts a body as it is, so that a test can be as wrong as it likes. A header of `null` is left out. */
export async function postRaw(
  server: Pick<A2AServer, 'app'>,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string | null> = {},
  path = '/a2a',
): Promise<RpcAnswer> {
  const kept = Object.entries({ ...usual, ...headers }).filter((entry): entry is [string, string] => entry[1] !== null);
  const reply = await server.app.request(path, { method: 'POST', body, headers: Object.fromEntries(kept) });
  const text = await reply.text();
  return { status: reply.status, headers: reply.headers, body: text === '' ? undefined : JSON.parse(text) };
}

/** Calls one method, with id 1. */
export function callMethod(
  server: Pick<A2AServer, 'app'>,
  method: string,
  params: unknown,
  headers: Record<string, string | null> = {},
): Promise<RpcAnswer> {
  return postRaw(server, JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }), headers);
}
