import { sendParams } from './exchange.ts';

/** A task for GetTask to ask for. */
export async function firstTaskId(port: number): Promise<string> {
  const reply = await fetch(`http://127.0.0.1:${port}/a2a`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'a2a-version': '1.0' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'SendMessage', params: sendParams('message-first') }),
  });
  const body = (await reply.json()) as { result?: { task?: { id?: string } } };
  const id = body.result?.task?.id;
  if (!id) throw new Error(`No task came: ${JSON.stringify(body)}`);
  return id;
}
