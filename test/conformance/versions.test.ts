/** §3.6 and §14.2.1: which version is spoken, and who says so. */
import { describe, expect, test } from 'vitest';
import { type card, createSubject, readRefusal, rpcBody, say } from './subject.ts';

const ask = async (version: string | null, query = '', body = rpcBody('GetTask', { id: 'x' })) => {
  await using subject = createSubject();
  const headers = { 'content-type': 'application/json', 'a2a-version': version };
  return await subject.fetch(`/a2a${query}`, { method: 'POST', headers, body });
};

describe('the header A2A-Version', () => {
  test.each(['1.0', '1.0.3', '1.0.0', ' 1.0 '])('%o is v1.0: the patch is passed over', async (version) => {
    expect(await readRefusal(await ask(version))).toMatchObject({ code: -32001, reason: 'TASK_NOT_FOUND' });
  });

  test.each(['99.0', '0.5', '1.1', '2.0', '1', '1.0.x', 'v1.0', 'one'])(
    '%o is -32009, and says what is spoken',
    async (version) => {
      const refusal = await readRefusal(await ask(version));
      expect(refusal).toMatchObject({ id: 1, code: -32009, reason: 'VERSION_NOT_SUPPORTED' });
      expect(JSON.stringify(refusal.data)).toContain('1.0');
    },
  );

  test('its name may have any case', async () => {
    await using subject = createSubject();
    const headers = { 'Content-Type': 'application/json', 'A2A-VERSION': '1.0' };
    const reply = await subject.fetch('/a2a', { method: 'POST', headers, body: rpcBody('GetTask', { id: 'x' }) });
    expect(await readRefusal(reply)).toMatchObject({ code: -32001 });
  });
});

describe('none and an empty one mean 0.3', () => {
  const body = rpcBody('message/send', {
    message: { kind: 'message', messageId: 'm', role: 'user', parts: [{ kind: 'text', text: 'work' }] },
  });

  test.each([null, '', ' '])('%o: a method of v1.0 is -32009, and says which version to ask for', async (version) => {
    const refusal = await readRefusal(await ask(version));
    expect(refusal).toMatchObject({ id: 1, code: -32009, reason: 'VERSION_NOT_SUPPORTED' });
    expect(refusal.message).toContain('A2A-Version: 1.0');
  });

  test.each([null, '', '0.3', '0.3.0'])('%o: v0.3 is spoken', async (version) => {
    expect(await (await ask(version, '', body)).json()).toMatchObject({
      id: 1,
      result: { kind: 'task', status: { state: 'completed' } },
    });
  });
});

describe('the query parameter A2A-Version', () => {
  test('stands for the header', async () => {
    expect(await readRefusal(await ask(null, '?A2A-Version=1.0'))).toMatchObject({ code: -32001 });
    expect(await readRefusal(await ask(null, '?A2A-Version=99.0'))).toMatchObject({ code: -32009 });
  });
});

test('a stream of a version that is not spoken is a plain -32009', async () => {
  expect(await readRefusal(await ask('99.0', '', rpcBody('SendStreamingMessage', say('work'))))).toMatchObject({
    code: -32009,
  });
});

test('interfaces name their version as Major.Minor', async () => {
  await using subject = createSubject();
  const reply = await subject.fetch('/.well-known/agent-card.json');
  const { supportedInterfaces } = (await reply.json()) as typeof card; // looked at below
  for (const { protocolVersion } of supportedInterfaces) expect(protocolVersion).toMatch(/^\d+\.\d+$/);
});
