import { Agent, request } from 'undici';
import { sendParams } from '../exchange.ts';
import { becomeClient } from './client-program.ts';

/** The limit: undici alone, with the same JSON written and read. */
interface Reply {
  id: string;
  result: { task: { history: { messageId: string }[]; artifacts: { artifactId: string }[] } };
}

becomeClient(async (endpoint) => {
  const dispatcher = new Agent();
  return async (messageId) => {
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: messageId,
      method: 'SendMessage',
      params: sendParams(messageId),
    });
    const headers = { 'content-type': 'application/json', accept: 'application/json', 'a2a-version': '1.0' };
    const reply = await request(endpoint, { dispatcher, method: 'POST', headers, body });
    const { id, result } = (await reply.body.json()) as Reply;
    if (reply.statusCode !== 200 || id !== messageId) throw new Error(`HTTP ${reply.statusCode} for ${id}`);
    const { history, artifacts } = result.task;
    return { messageId: history[0]?.messageId, artifactId: artifacts[0]?.artifactId };
  };
});
