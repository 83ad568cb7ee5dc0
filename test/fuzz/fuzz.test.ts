/**
 * RELIABILITY.md §4, the amount of every build; `pnpm fuzz --runs 1000000` is the long one, over real HTTP. A seed that
 * fails belongs into a table of the package first, and stays there.
 */
import { expect, test } from 'vitest';
import { fuzz } from './run.ts';

const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000_000);

test(`20,000 requests of every kind, valid and not, get replies that A2A allows, and hold nobody up (seed ${seed})`, async () => {
  const report = await fuzz({ runs: 20_000, seed, overHttp: false });
  expect(report.worstLagMs).toBeLessThan(200);
  // Otherwise the grammar has come loose from the server, and refusals are all that it tests.
  const often = ['SendMessage', 'SendStreamingMessage', 'GetTask', 'ListTasks', 'message/send', 'message/stream'];
  for (const method of often) expect(report.answers[`json-rpc ${method}`]).toBeGreaterThan(20);
  for (const method of ['CancelTask', 'SubscribeToTask', 'tasks/cancel'])
    expect(report.answers[`json-rpc ${method}`]).toBeGreaterThan(0);
  for (const method of ['SendMessage', 'SendStreamingMessage', 'ListTasks'])
    expect(report.answers[`http+json ${method}`]).toBeGreaterThan(20);
}, 300_000);
