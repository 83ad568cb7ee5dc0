import { expect, test } from 'vitest';
import type { HttpReply } from './http-port.ts';
import { Exchange } from './undici-exchange.ts';

const source = { pause: () => {}, resume: () => {}, abort: () => {} };

/** An exchange whose turn ends when the test says so. */
function begun() {
  const acts: (() => void)[] = [];
  let exchange: Exchange | undefined;
  const reply = new Promise<HttpReply>((resolve, reject) => {
    exchange = new Exchange(resolve, reject, (act) => void acts.push(act));
  });
  const told: string[] = [];
  reply.then(
    ({ status }) => told.push(`reply ${status}`),
    (cause: Error) => told.push(`failure: ${cause.message}`),
  );
  if (!exchange) throw new Error('a promise calls its executor at once');
  const turn = async () => {
    for (const act of acts.splice(0)) act();
    await reply.catch(() => {});
  };
  exchange.onRequestStart(source);
  return { exchange, reply, told, turn };
}

test('a reply that is all there is told with those that came in the same turn', async () => {
  const { exchange, reply, told, turn } = begun();
  exchange.onResponseStart(source, 200, {});
  exchange.onResponseData(source, Buffer.from('text'));
  exchange.onResponseEnd();
  await Promise.resolve();
  expect(told).toEqual([]);
  await turn();
  expect(told).toEqual(['reply 200']);
  expect(Buffer.from((await (await reply).bytes?.(10)) ?? '').toString()).toBe('text');
});

test('an abort between the head and its telling is heard at once, and nothing after it', async () => {
  const { exchange, told, turn } = begun();
  exchange.onResponseStart(source, 200, {});
  exchange.abort(new Error('enough'));
  await turn();
  expect(told).toEqual(['failure: enough']);
});

test('a connection that breaks between the head and its telling fails the request', async () => {
  const { exchange, told, turn } = begun();
  exchange.onResponseStart(source, 200, {});
  exchange.onResponseError(source, new Error('other side closed'));
  await turn();
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/^failure: .*other side closed/);
});

test('an abort after the end, before it was told, changes nothing', async () => {
  const { exchange, reply, told, turn } = begun();
  exchange.onResponseStart(source, 200, {});
  exchange.onResponseEnd();
  exchange.abort(new Error('too late'));
  await turn();
  expect(told).toEqual(['reply 200']);
  expect(await (await reply).bytes?.(10)).toHaveLength(0);
});
