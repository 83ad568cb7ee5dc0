import { A2AError } from '../errors.ts';
import type { JsonRpcReply } from '../json-rpc/envelope.ts';
import { toJsonRpcError } from '../json-rpc/errors.ts';

/** JSON-RPC is posted: who comes to its endpoint with another method of HTTP is told so. */
export function answerOtherMethod(): Response {
  const cause = new A2AError('INVALID_REQUEST', 'This is a JSON-RPC endpoint: call it with POST');
  const reply: JsonRpcReply = { jsonrpc: '2.0', id: null, error: toJsonRpcError(cause) };
  const headers = { allow: 'POST', 'content-type': 'application/json', 'cache-control': 'no-store' };
  return new Response(JSON.stringify(reply), { status: 405, headers });
}
