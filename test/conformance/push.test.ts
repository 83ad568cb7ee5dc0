/** §3.1.7–3.1.10, §4.3 and §13.2: where updates are posted, how, and where never. */
import { describe, expect, test } from 'vitest';
import { createSubject, type Subject, say, shapeOf } from './subject.ts';

const url = 'https://hooks.example/a';

const create = (subject: Subject, taskId: string, more: Record<string, unknown> = {}) =>
  subject.call('CreateTaskPushNotificationConfig', { taskId, url, ...more });
const heard = ({ webhook }: Subject, at = url) =>
  webhook.posted.filter((each) => each.url === at).map(({ event }) => shapeOf(event));
const settled = (subject: Subject) => subject.clock.advance(0);
/** Lets time pass in small steps: whoever begins to wait on the way is waited for. */
async function pass({ clock }: Subject, ms: number): Promise<void> {
  for (let step = 0; step < 60; step += 1) await clock.advance(ms / 60);
}

describe('configurations', () => {
  test('a configuration is answered as it was made, with an id', async () => {
    await using subject = createSubject();
    const { id: taskId } = await subject.task('ask');
    const authentication = { scheme: 'Bearer', credentials: 'secret-of-the-hook' };
    const made = await create(subject, taskId, { token: 'token-of-the-hook', authentication });
    expect(made).toMatchObject({ taskId, url, id: expect.stringMatching(/./), authentication: { scheme: 'Bearer' } });
    const named = await create(subject, taskId, { id: 'mine' });
    expect(named).toEqual({ taskId, url, id: 'mine' });
    expect(await subject.call('GetTaskPushNotificationConfig', { taskId, id: 'mine' })).toEqual(named);
    const read = await subject.call('GetTaskPushNotificationConfig', { taskId, id: made.id });
    expect(read).toMatchObject({ taskId, url, id: made.id, authentication: { scheme: 'Bearer' } });
    expect(JSON.stringify(read)).not.toContain('of-the-hook');
  });

  test('a configuration is answered without what A2A does not know of it', async () => {
    await using subject = createSubject();
    const { id: taskId } = await subject.task('ask');
    const authentication = { scheme: 'Bearer', later: 2 };
    const made = await create(subject, taskId, { id: 'mine', later: 1, authentication });
    expect(made).toEqual({ taskId, url, id: 'mine', authentication: { scheme: 'Bearer' } });
  });

  test('the same id again replaces what was there', async () => {
    await using subject = createSubject();
    const { id: taskId } = await subject.task('ask');
    await create(subject, taskId, { id: 'mine' });
    await create(subject, taskId, { id: 'mine', url: 'https://hooks.example/b' });
    const { configs } = await subject.call('ListTaskPushNotificationConfigs', { taskId });
    expect(configs).toEqual([{ taskId, id: 'mine', url: 'https://hooks.example/b' }]);
  });

  test('the same id under two tasks is two configurations', async () => {
    await using subject = createSubject();
    const [one, two] = [await subject.task('ask'), await subject.task('ask')];
    await create(subject, one.id, { id: 'same' });
    await create(subject, two.id, { id: 'same', url: 'https://hooks.example/b' });
    const found = await subject.call('GetTaskPushNotificationConfig', { taskId: two.id, id: 'same' });
    expect(found.url).toBe('https://hooks.example/b');
    await subject.call('DeleteTaskPushNotificationConfig', { taskId: one.id, id: 'same' });
    const left = await subject.call('GetTaskPushNotificationConfig', { taskId: two.id, id: 'same' });
    expect(left.url).toBe('https://hooks.example/b');
  });

  test('a list holds every configuration of its task, page by page', async () => {
    await using subject = createSubject();
    const [{ id: taskId }, other] = [await subject.task('ask'), await subject.task('ask')];
    const ids = ['a', 'b', 'c', 'd', 'e'];
    for (const id of ids) await create(subject, taskId, { id });
    await create(subject, other.id, { id: 'of-another' });
    const whole = await subject.call('ListTaskPushNotificationConfigs', { taskId });
    expect(whole.configs?.map(({ id }) => id).sort()).toEqual(ids);
    expect(whole.nextPageToken ?? '').toBe('');
    const seen: string[] = [];
    for (let pageToken = 'first'; pageToken !== ''; ) {
      const params = { taskId, pageSize: 2, ...(pageToken !== 'first' && { pageToken }) };
      const { configs = [], nextPageToken = '' } = await subject.call('ListTaskPushNotificationConfigs', params);
      expect(configs.length).toBeLessThanOrEqual(2);
      seen.push(...configs.map(({ id }) => id));
      pageToken = nextPageToken;
    }
    expect(seen.sort()).toEqual(ids);
  });

  test('a task without any has an empty list', async () => {
    await using subject = createSubject();
    const { id: taskId } = await subject.task('ask');
    const list = await subject.call('ListTaskPushNotificationConfigs', { taskId });
    expect(list.configs ?? []).toEqual([]);
  });

  test('deleting twice is as good as once', async () => {
    await using subject = createSubject();
    const { id: taskId } = await subject.task('ask');
    await create(subject, taskId, { id: 'mine' });
    for (let time = 0; time < 2; time += 1) {
      expect(await subject.call('DeleteTaskPushNotificationConfig', { taskId, id: 'mine' })).toEqual({});
    }
    expect(await subject.call('DeleteTaskPushNotificationConfig', { taskId, id: 'never-made' })).toEqual({});
  });

  test('a configuration that is not there is -32001', async () => {
    await using subject = createSubject();
    const { id: taskId } = await subject.task('ask');
    const refused = { code: -32001, reason: 'TASK_NOT_FOUND' };
    expect(await subject.refuse('GetTaskPushNotificationConfig', { taskId, id: 'none' })).toMatchObject(refused);
  });

  test.each([
    { method: 'CreateTaskPushNotificationConfig', params: { url } },
    { method: 'GetTaskPushNotificationConfig', params: { id: 'p' } },
    { method: 'ListTaskPushNotificationConfigs', params: {} },
    { method: 'DeleteTaskPushNotificationConfig', params: { id: 'p' } },
  ])('$method of an unknown task is -32001', async ({ method, params }) => {
    await using subject = createSubject();
    expect(await subject.refuse(method, { taskId: 'unknown', ...params })).toMatchObject({ code: -32001 });
  });
});

describe('deliveries', () => {
  test('each update of the task is posted to the webhook, in order', async () => {
    await using subject = createSubject();
    const { id: taskId, contextId } = await subject.begin('steps');
    await create(subject, taskId);
    for (let step = 0; step < 4; step += 1) {
      subject.agent.proceed();
      await settled(subject);
    }
    await pass(subject, 1_000);
    expect(heard(subject)).toEqual(['artifact', 'artifact', 'artifact', 'status:COMPLETED']);
    for (const { headers, event } of subject.webhook.posted) {
      expect(headers['content-type']).toBe('application/a2a+json');
      expect(Object.values(event)[0]).toMatchObject({ taskId, contextId });
    }
  });

  test('a configuration that comes with the message hears of its task from the start', async () => {
    await using subject = createSubject();
    const taskPushNotificationConfig = { url, authentication: { scheme: 'Bearer', credentials: 'abc' } };
    await subject.call('SendMessage', { ...say('work'), configuration: { taskPushNotificationConfig } });
    await pass(subject, 1_000);
    expect(heard(subject).at(0)).toMatch(/^task:/);
    expect(heard(subject).at(-1)).toBe('status:COMPLETED');
    expect(subject.webhook.posted[0]?.headers).toMatchObject({ authorization: 'Bearer abc' });
  });

  test('it works beside a stream, too', async () => {
    await using subject = createSubject();
    const configuration = { taskPushNotificationConfig: { url } };
    const stream = await subject.stream('SendStreamingMessage', { ...say('work'), configuration });
    const told = (await stream.rest()).map(shapeOf);
    await pass(subject, 1_000);
    expect(heard(subject)).toEqual(told);
  });

  test.each([
    { authentication: { scheme: 'Bearer', credentials: 'abc' }, header: 'Bearer abc' },
    { authentication: { scheme: 'Basic', credentials: 'YTpi' }, header: 'Basic YTpi' },
    { authentication: undefined, header: undefined },
  ])('the credentials go with it as "$header"', async ({ authentication, header }) => {
    await using subject = createSubject();
    const { id: taskId } = await subject.task('ask');
    await create(subject, taskId, { token: 'of-the-task', ...(authentication && { authentication }) });
    await subject.task('more', { taskId });
    await pass(subject, 1_000);
    const { headers } = subject.webhook.posted[0] ?? {};
    expect(headers?.authorization).toBe(header);
    expect(headers?.['x-a2a-notification-token']).toBe('of-the-task');
  });

  test('a configuration lasts through every turn of its task', async () => {
    await using subject = createSubject();
    const { id: taskId } = await subject.task('ask');
    await create(subject, taskId);
    await pass(subject, 3_600_000);
    await subject.task('the red one', { taskId });
    await pass(subject, 1_000);
    expect(heard(subject).at(-1)).toBe('status:COMPLETED');
  });

  test('every webhook of a task hears of it', async () => {
    await using subject = createSubject();
    const { id: taskId } = await subject.task('ask');
    await create(subject, taskId, { id: 'a' });
    await create(subject, taskId, { id: 'b', url: 'https://hooks.example/b' });
    await subject.call('CancelTask', { id: taskId });
    await pass(subject, 1_000);
    expect(heard(subject)).toEqual(['status:CANCELED']);
    expect(heard(subject, 'https://hooks.example/b')).toEqual(['status:CANCELED']);
  });

  test('a deleted configuration is gone, and nothing is posted any more', async () => {
    await using subject = createSubject();
    const { id: taskId } = await subject.task('ask');
    await create(subject, taskId, { id: 'mine' });
    await subject.call('DeleteTaskPushNotificationConfig', { taskId, id: 'mine' });
    expect(await subject.refuse('GetTaskPushNotificationConfig', { taskId, id: 'mine' })).toMatchObject({
      code: -32001,
    });
    await subject.task('more', { taskId });
    await pass(subject, 60_000);
    expect(heard(subject)).toEqual([]);
  });

  test('what failed comes again, in order', async () => {
    await using subject = createSubject();
    const { id: taskId } = await subject.begin('steps');
    await create(subject, taskId);
    subject.webhook.answers(500, 503, 204);
    for (let step = 0; step < 4; step += 1) subject.agent.proceed();
    await pass(subject, 60_000);
    const tried = heard(subject);
    expect(tried.slice(0, 3)).toEqual(['artifact', 'artifact', 'artifact']);
    const [first, again, third] = subject.webhook.posted;
    expect([again?.event, third?.event]).toEqual([first?.event, first?.event]);
    expect(tried.slice(2)).toEqual(['artifact', 'artifact', 'artifact', 'status:COMPLETED']);
  });

  test('a webhook that does not answer is given up, and asked again', async () => {
    await using subject = createSubject();
    const { id: taskId } = await subject.task('ask');
    await create(subject, taskId);
    subject.webhook.answers('silence');
    await subject.call('CancelTask', { id: taskId });
    await pass(subject, 9_000);
    expect(heard(subject)).toHaveLength(1);
    await pass(subject, 30_000);
    expect(heard(subject)).toEqual(['status:CANCELED', 'status:CANCELED']);
  });

  test('neither token nor credentials reach a log', async () => {
    await using subject = createSubject();
    const { id: taskId } = await subject.task('ask');
    const authentication = { scheme: 'Bearer', credentials: 'secret-of-the-hook' };
    await create(subject, taskId, { token: 'secret-of-the-token', authentication });
    subject.webhook.answers(500, 500, 500);
    await subject.call('CancelTask', { id: taskId });
    await pass(subject, 3_600_000);
    expect(JSON.stringify(subject.logger.lines)).not.toContain('secret-of');
  });
});

describe('where nothing is posted', () => {
  test.each(
    [
      'http://hooks.example/a',
      'ftp://hooks.example/a',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'no-url-at-all',
      'https://localhost/a',
      'https://127.0.0.1/a',
      'https://127.1/a',
      'https://2130706433/a',
      'https://0x7f000001/a',
      'https://10.0.0.1/a',
      'https://172.16.0.1/a',
      'https://192.168.1.1/a',
      'https://169.254.169.254/latest/meta-data',
      'https://100.64.0.1/a',
      'https://0.0.0.0/a',
      'https://[::1]/a',
      'https://[fe80::1]/a',
      'https://[fc00::1]/a',
      'https://[::ffff:127.0.0.1]/a',
      'https://user:password@hooks.example/a',
    ].map((each) => ({ url: each })),
  )('a webhook at $url is refused', async ({ url: refused }) => {
    await using subject = createSubject();
    const { id: taskId } = await subject.task('ask');
    const config = { taskId, url: refused };
    expect(await subject.refuse('CreateTaskPushNotificationConfig', config)).toMatchObject({ code: -32602 });
    const inline = { ...say('work'), configuration: { taskPushNotificationConfig: { url: refused } } };
    expect(await subject.refuse('SendMessage', inline)).toMatchObject({ code: -32602 });
    expect(subject.agent.asked).toHaveLength(1);
  });
});
