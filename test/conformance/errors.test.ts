/** §3.3.2, §3.3.4, §5.4, §9.5: which error, with which words. */
import { describe, expect, test } from 'vitest';
import { card, createSubject, type Headers10, rpcBody, say } from './subject.ts';

const without = (capability: 'streaming' | 'pushNotifications' | 'extendedAgentCard') => ({
  absent: { ...card, capabilities: { ...card.capabilities, [capability]: undefined } },
  false: { ...card, capabilities: { ...card.capabilities, [capability]: false } },
});

describe('each kind of error has its code and its reason', () => {
  interface Case {
    name: string;
    method: string;
    params?: unknown;
    headers?: Headers10;
    code: number;
    reason: string;
  }
  const cases: Case[] = [
    { name: 'TaskNotFound', method: 'GetTask', params: { id: 'x' }, code: -32001, reason: 'TASK_NOT_FOUND' },
    {
      name: 'ContentType',
      method: 'SendMessage',
      params: say('refuse'),
      code: -32005,
      reason: 'CONTENT_TYPE_NOT_SUPPORTED',
    },
    {
      name: 'Version',
      method: 'GetTask',
      params: { id: 'x' },
      headers: { 'a2a-version': '99.0' },
      code: -32009,
      reason: 'VERSION_NOT_SUPPORTED',
    },
    { name: 'MethodNotFound', method: 'NoSuchMethod', params: {}, code: -32601, reason: 'METHOD_NOT_FOUND' },
    { name: 'InvalidParams', method: 'GetTask', params: {}, code: -32602, reason: 'INVALID_PARAMS' },
    { name: 'Internal', method: 'SendMessage', params: say('crash'), code: -32603, reason: 'INTERNAL_ERROR' },
  ];
  test.each(cases)('$name is $code $reason', async ({ method, params, headers, code, reason }) => {
    await using subject = createSubject();
    const refusal = await subject.refuse(method, params, headers);
    expect(refusal).toMatchObject({ id: 1, code, reason, domain: 'a2a-protocol.org' });
    expect(refusal.message).toMatch(/\w/);
  });

  test('TaskNotCancelable is -32002 TASK_NOT_CANCELABLE', async () => {
    await using subject = createSubject();
    const { id } = await subject.task('work');
    expect(await subject.refuse('CancelTask', { id })).toMatchObject({ code: -32002, reason: 'TASK_NOT_CANCELABLE' });
  });

  test('a part of a media type that the card does not name is -32005', async () => {
    await using subject = createSubject();
    const parts = [{ text: 'work' }, { raw: 'aGk=', mediaType: 'application/x-unheard-of' }];
    for (const method of ['SendMessage', 'SendStreamingMessage']) {
      const refusal = await subject.refuse(method, say('work', { parts }));
      expect(refusal).toMatchObject({ code: -32005, reason: 'CONTENT_TYPE_NOT_SUPPORTED' });
    }
    expect(subject.agent.asked).toHaveLength(0);
  });

  test('InvalidAgentResponse is -32006 INVALID_AGENT_RESPONSE, and no invalid reply leaves', async () => {
    // A loose agent: what its type forbids, a program written in JavaScript may still do.
    const executor = {
      async *execute() {
        yield { message: { parts: [] } };
      },
    };
    await using subject = createSubject({ executor });
    const refusal = await subject.refuse('SendMessage', say('hi'));
    expect(refusal).toMatchObject({ code: -32006, reason: 'INVALID_AGENT_RESPONSE' });
  });
});

describe('a capability that the card does not declare is refused', () => {
  test.each(Object.entries(without('streaming')))('streaming %s: -32004, plain', async (_, own) => {
    await using subject = createSubject({ card: own });
    expect(await subject.refuse('SendStreamingMessage', say('work'))).toMatchObject({
      id: 1,
      code: -32004,
      reason: 'UNSUPPORTED_OPERATION',
    });
    expect(subject.agent.asked).toHaveLength(0);
    const { id } = await subject.task('ask');
    expect(await subject.refuse('SubscribeToTask', { id })).toMatchObject({ code: -32004 });
  });

  test.each(Object.entries(without('pushNotifications')))('push notifications %s: -32003', async (_, own) => {
    await using subject = createSubject({ card: own });
    const { id: taskId } = await subject.task('ask');
    const url = 'https://hooks.example/a';
    const refused = { code: -32003, reason: 'PUSH_NOTIFICATION_NOT_SUPPORTED' };
    const calls = {
      CreateTaskPushNotificationConfig: { taskId, id: 'p', url },
      GetTaskPushNotificationConfig: { taskId, id: 'p' },
      ListTaskPushNotificationConfigs: { taskId },
      DeleteTaskPushNotificationConfig: { taskId, id: 'p' },
    };
    for (const [method, params] of Object.entries(calls)) {
      expect(await subject.refuse(method, params)).toMatchObject(refused);
    }
    const inline = { ...say('work'), configuration: { taskPushNotificationConfig: { url } } };
    expect(await subject.refuse('SendMessage', inline)).toMatchObject(refused);
  });

  test.each(Object.entries(without('extendedAgentCard')))('the extended card %s: -32004', async (_, own) => {
    await using subject = createSubject({ card: own });
    expect(await subject.refuse('GetExtendedAgentCard', {})).toMatchObject({
      code: -32004,
      reason: 'UNSUPPORTED_OPERATION',
    });
  });
});

describe('extensions', () => {
  const uri = 'https://extensions.example/must/v1';
  const needy = {
    ...card,
    capabilities: { ...card.capabilities, extensions: [{ uri, required: true }, { uri: `${uri}/may` }] },
  };

  test.each([
    { name: 'none', header: null },
    { name: 'another', header: `${uri}/may` },
    { name: 'another version', header: 'https://extensions.example/must/v2' },
  ])('a required one is -32008 where the request names $name', async ({ header }) => {
    await using subject = createSubject({ card: needy });
    const refusal = await subject.refuse('SendMessage', say('work'), { 'a2a-extensions': header });
    expect(refusal).toMatchObject({ code: -32008, reason: 'EXTENSION_SUPPORT_REQUIRED' });
    expect(JSON.stringify(refusal.data)).toContain(uri);
    expect(subject.agent.asked).toHaveLength(0);
  });

  const post = (subject: ReturnType<typeof createSubject>, headers: Headers10) =>
    subject.fetch('/a2a', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'a2a-version': '1.0', ...headers },
      body: rpcBody('SendMessage', say('work')),
    });

  test('those that are activated are echoed, in a list or in several headers of any case', async () => {
    await using subject = createSubject({ card: needy });
    const reply = await post(subject, { 'A2A-EXTENSIONS': `https://unknown.example/x , ${uri},${uri}/may` });
    expect(reply.headers.get('a2a-extensions')?.split(/, ?/)).toEqual([uri, `${uri}/may`]);
    expect(await reply.json()).toHaveProperty('result.task');
  });

  test('an unknown one, or an unknown version of one, is passed over', async () => {
    await using subject = createSubject();
    const reply = await post(subject, { 'a2a-extensions': 'https://extensions.example/may/v2' });
    expect(reply.headers.get('a2a-extensions')).toBeNull();
    expect(await reply.json()).toHaveProperty('result.task');
  });
});

describe('parameters are checked before anything happens', () => {
  const { message } = say('work');
  const cases = [
    { field: 'message', method: 'SendMessage', params: {} },
    { field: 'message.messageId', method: 'SendMessage', params: { message: { ...message, messageId: '' } } },
    { field: 'message.messageId', method: 'SendMessage', params: { message: { ...message, messageId: undefined } } },
    { field: 'message.role', method: 'SendMessage', params: { message: { ...message, role: 'user' } } },
    { field: 'message.role', method: 'SendMessage', params: { message: { ...message, role: 'ROLE_UNSPECIFIED' } } },
    { field: 'message.role', method: 'SendMessage', params: { message: { ...message, role: undefined } } },
    { field: 'message.parts', method: 'SendMessage', params: { message: { ...message, parts: [] } } },
    { field: 'message.parts', method: 'SendMessage', params: { message: { ...message, parts: undefined } } },
    { field: 'message.parts', method: 'SendMessage', params: { message: { ...message, parts: [{}] } } },
    {
      field: 'message.parts',
      method: 'SendMessage',
      params: { message: { ...message, parts: [{ text: 'a', url: 'b' }] } },
    },
    { field: 'message.parts', method: 'SendMessage', params: { message: { ...message, parts: [{ text: 7 }] } } },
    { field: 'message.parts', method: 'SendMessage', params: { message: { ...message, parts: [{ raw: '%%%' }] } } },
    { field: 'message.contextId', method: 'SendMessage', params: { message: { ...message, contextId: 7 } } },
    { field: 'message.taskId', method: 'SendMessage', params: { message: { ...message, taskId: {} } } },
    {
      field: 'configuration.historyLength',
      method: 'SendMessage',
      params: { message, configuration: { historyLength: -1 } },
    },
    {
      field: 'configuration.returnImmediately',
      method: 'SendMessage',
      params: { message, configuration: { returnImmediately: 'yes' } },
    },
    { field: 'message.role', method: 'SendStreamingMessage', params: { message: { ...message, role: 'agent' } } },
    { field: 'id', method: 'GetTask', params: {} },
    { field: 'id', method: 'GetTask', params: { id: '' } },
    { field: 'id', method: 'GetTask', params: { id: 7 } },
    { field: 'historyLength', method: 'GetTask', params: { id: 'x', historyLength: -1 } },
    { field: 'historyLength', method: 'GetTask', params: { id: 'x', historyLength: 1.5 } },
    { field: 'historyLength', method: 'GetTask', params: { id: 'x', historyLength: '2' } },
    { field: 'id', method: 'CancelTask', params: {} },
    { field: 'id', method: 'SubscribeToTask', params: {} },
    { field: 'taskId', method: 'CreateTaskPushNotificationConfig', params: { url: 'https://hooks.example/a' } },
    { field: 'url', method: 'CreateTaskPushNotificationConfig', params: { taskId: 'x' } },
    { field: 'taskId', method: 'GetTaskPushNotificationConfig', params: { id: 'x' } },
    { field: 'id', method: 'GetTaskPushNotificationConfig', params: { taskId: 'x' } },
    { field: 'taskId', method: 'ListTaskPushNotificationConfigs', params: {} },
    { field: 'id', method: 'DeleteTaskPushNotificationConfig', params: { taskId: 'x' } },
  ];
  test.each(cases)('$method names $field of $params', async ({ field, method, params }) => {
    await using subject = createSubject();
    const refusal = await subject.refuse(method, params);
    expect(refusal).toMatchObject({ code: -32602, reason: 'INVALID_PARAMS' });
    expect(JSON.stringify(refusal.data)).toContain(field);
    expect(subject.agent.asked).toHaveLength(0);
  });

  test('what is wrong with which parameter stands in a google.rpc.BadRequest', async () => {
    await using subject = createSubject();
    const { data } = await subject.refuse('SendMessage', { message: { ...message, parts: [] } });
    expect(data).toContainEqual({
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: [{ field: 'message.parts', description: expect.stringMatching(/\w/) }],
    });
  });
});

describe('faults of the agent and of the server', () => {
  test.each(['SendMessage', 'SendStreamingMessage'])(
    '%s tells nothing of their text, and the log all of it',
    async (method) => {
      await using subject = createSubject();
      const refusal = await subject.refuse(method, say('crash'));
      expect(refusal).toMatchObject({ code: -32603 });
      expect(JSON.stringify(refusal)).not.toContain('hunter2');
      const told = subject.logger.lines.filter(({ level }) => level === 'error');
      expect(told).toHaveLength(1);
      expect(told[0]?.fields.error).toMatchObject({ message: expect.stringContaining('hunter2') });
    },
  );

  test('a task that the agent broke ends FAILED, without the text of the fault', async () => {
    await using subject = createSubject();
    const task = await subject.task('fail');
    expect(task.status.state).toBe('TASK_STATE_FAILED');
    expect(JSON.stringify(task)).not.toContain('hunter2');
    expect(subject.logger.lines.some(({ level }) => level === 'error')).toBe(true);
  });

  test('a temporary refusal says when to come again; a missing permission says which', async () => {
    await using subject = createSubject();
    const busy = await subject.refuse('SendMessage', say('busy'));
    expect(busy).toMatchObject({ status: 429, reason: 'RATE_LIMITED' });
    expect(busy.headers.get('retry-after')).toBe('2');
    const forbidden = await subject.refuse('SendMessage', say('forbid'));
    expect(forbidden).toMatchObject({ status: 403, reason: 'SCOPE_MISSING', message: 'The scope "deploy" is missing' });
  });

  test('a server that closes answers 503', async () => {
    await using subject = createSubject();
    await subject.server.close();
    expect(await subject.refuse('GetTask', { id: 'x' })).toMatchObject({ status: 503, code: -32603 });
  });
});
