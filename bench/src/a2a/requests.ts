import type { LoadRequest } from '../harness/load-connection.ts';
import { artifact, numberSlot, question, sendParams } from './exchange.ts';

/** The operations of P1 as raw requests with their checks: a JSON-RPC error comes with HTTP 200, so bodies are read. */
export type OperationName = 'SendMessage' | 'GetTask' | 'SendStreamingMessage';

interface Reply {
  id?: unknown;
  result?: { task?: Task; artifactUpdate?: unknown; statusUpdate?: { status?: { state?: string } } } & Task;
}

interface Task {
  id?: string;
  status?: { state?: string };
  artifacts?: { artifactId?: string; parts?: { text?: string }[] }[];
  history?: { messageId?: string; parts?: { text?: string }[] }[];
}

export function operationRequest(operation: OperationName, taskId: string): LoadRequest {
  if (operation === 'SendMessage') {
    return rpcRequest(operation, sendParams(`message-${numberSlot}`), (body, number) => {
      const { task } = checkedReply(body, number);
      assertFinished(task, number);
    });
  }
  if (operation === 'GetTask') {
    return rpcRequest(operation, { id: taskId, historyLength: 10 }, (body, number) => {
      const task = checkedReply(body, number);
      if (task.id !== taskId) throw new Error(`Another task came: ${body}`);
      assertFinished(task);
    });
  }
  return rpcRequest(operation, sendParams(`message-${numberSlot}`), assertThreeEvents);
}

function rpcRequest(method: string, params: object, check: LoadRequest['check']): LoadRequest {
  const body = JSON.stringify({ jsonrpc: '2.0', id: `request-${numberSlot}`, method, params });
  const accept = method === 'SendStreamingMessage' ? 'text/event-stream' : 'application/json';
  const head =
    `POST /a2a HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAccept: ${accept}\r\n` +
    `A2A-Version: 1.0\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  const text = head + body;
  const slots: number[] = [];
  for (let at = text.indexOf(numberSlot); at >= 0; at = text.indexOf(numberSlot, at + 1)) slots.push(at);
  return { bytes: Buffer.from(text), slots, check };
}

function checkedReply(body: string, number: string): NonNullable<Reply['result']> {
  const reply = JSON.parse(body) as Reply;
  if (reply.id !== `request-${number}`) throw new Error(`The answer to another request came: ${body}`);
  if (!reply.result) throw new Error(`No result came: ${body}`);
  return reply.result;
}

function assertFinished(task: Task | undefined, number?: string): void {
  const [made] = task?.artifacts ?? [];
  const [said] = task?.history ?? [];
  if (
    task?.status?.state === 'TASK_STATE_COMPLETED' &&
    made?.artifactId === artifact.artifactId &&
    made.parts?.[0]?.text?.startsWith(artifact.text) &&
    said?.parts?.[0]?.text === question &&
    (number === undefined || said.messageId === `message-${number}`)
  ) {
    return;
  }
  throw new Error(`Not the finished task: ${JSON.stringify(task)}`);
}

function assertThreeEvents(body: string, number: string): void {
  const events = body
    .split('\n\n')
    .filter((block) => block.includes('data:'))
    .map((block) => block.slice(block.indexOf('data:') + 5).split('\n', 1)[0] ?? '');
  if (events.length !== 3) throw new Error(`Not three events: ${body}`);
  const [first, second, third] = events.map((event) => checkedReply(event, number));
  if (first?.task && second?.artifactUpdate && third?.statusUpdate?.status?.state === 'TASK_STATE_COMPLETED') return;
  throw new Error(`Not a task, its artifact and its end: ${body}`);
}
