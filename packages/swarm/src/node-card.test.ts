import { AgentCard } from '@skein/contracts/a2a';
import { expect, test } from 'vitest';
import { createTestSwarm } from './testing/index.ts';

const fetchCard = async (app: { fetch: (request: Request) => Response | Promise<Response> }, origin: string) => {
  const headers = { host: new URL(origin).host, 'x-forwarded-host': new URL(origin).host };
  const reply = await app.fetch(new Request(`${origin}/.well-known/agent-card.json`, { headers }));
  return AgentCard.parse(await reply.json());
};

test('the card names the node’s own address, whatever name it was asked under first', async () => {
  await using swarm = await createTestSwarm();
  const { node, origin } = await swarm.add('node');
  await node.start();
  for (const host of ['http://evil.example:4220', origin, 'http://localhost:4220']) {
    const { supportedInterfaces } = await fetchCard(node.app, host);
    expect(supportedInterfaces.map(({ url, protocolVersion }) => [url, protocolVersion])).toEqual([
      [`${origin}/a2a`, '1.0'],
      [`${origin}/a2a`, '0.3'],
    ]);
  }
});

test('the endpoint that the card names is the one that answers', async () => {
  await using swarm = await createTestSwarm();
  const { node, origin } = await swarm.add('node');
  await node.start();
  const [endpoint] = (await fetchCard(node.app, origin)).supportedInterfaces;
  const headers = { 'content-type': 'application/json', 'a2a-version': '1.0' };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'GetTask', params: { id: 't' } });
  const reply = await node.app.fetch(new Request(endpoint?.url ?? '', { method: 'POST', headers, body }));
  expect(reply.status).toBe(401);
  expect(await reply.json()).toMatchObject({ jsonrpc: '2.0', id: 1, error: {} });
});

test('neither listing tasks nor anything else is answered without a token', async () => {
  await using swarm = await createTestSwarm();
  const { node, origin } = await swarm.add('node');
  await node.start();
  const headers = { 'content-type': 'application/json', 'a2a-version': '1.0' };
  for (const method of ['ListTasks', 'GetTask', 'CancelTask', 'SendMessage', 'SendStreamingMessage']) {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { id: 't' } });
    const reply = await node.app.fetch(new Request(`${origin}/a2a`, { method: 'POST', headers, body }));
    expect(await reply.json()).not.toHaveProperty('result');
  }
});

test('the card says what its program adds, and what the node does in fact', async () => {
  await using swarm = await createTestSwarm();
  const skill = { id: 'echo', name: 'Echo', description: 'Says it again', tags: ['text'] };
  const plain = await swarm.add('plain');
  const talking = await swarm.add('talking', {
    async *executor() {},
    card: { description: 'Says it again', skills: [skill] },
    a2a: { httpJson: true, speaksV03: false },
  });
  expect(await fetchCard(plain.node.app, plain.origin)).toMatchObject({
    description: expect.stringContaining('plain'),
    skills: [],
    capabilities: { pushNotifications: false },
  });
  expect(await fetchCard(talking.node.app, talking.origin)).toMatchObject({
    name: 'talking',
    description: 'Says it again',
    skills: [skill],
    capabilities: { pushNotifications: true, streaming: true, extendedAgentCard: false },
    supportedInterfaces: [
      { url: `${talking.origin}/a2a`, protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
      { url: `${talking.origin}/a2a/rest`, protocolBinding: 'HTTP+JSON', protocolVersion: '1.0' },
    ],
  });
});
