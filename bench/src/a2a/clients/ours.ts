import { createA2AClient, createUndiciHttp } from '@skein/a2a-transport';
import { sendParams } from '../exchange.ts';
import { becomeClient } from './client-program.ts';

becomeClient(async (endpoint) => {
  const client = createA2AClient({ endpoint, http: createUndiciHttp() });
  return async (messageId) => {
    const answer = await client.sendMessage(sendParams(messageId));
    const task = 'task' in answer ? answer.task : undefined;
    return { messageId: task?.history?.[0]?.messageId, artifactId: task?.artifacts?.[0]?.artifactId };
  };
});
