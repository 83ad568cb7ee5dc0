/**
 * The amount of every build, under one seed, so that a build says the same of the same code; `pnpm fuzz` goes on under
 * others, over real HTTP and as long as one likes. What a seed finds belongs into a table of the package, and stays there.
 */
import { expect, test } from 'vitest';
import { fuzz } from './run.ts';

const seed = 20261121;

test(`20,000 requests of every kind, valid and not, get replies that A2A allows, and hold nobody up (seed ${seed})`, async () => {
  const report = await fuzz({ runs: 20_000, seed, overHttp: false });
  // A machine of builds is busy: here it is only told whether one request can hold up all. The long run has the figure.
  expect(report.worstLagMs).toBeLessThan(5_000);
  // Otherwise the grammar has come loose from the server, and refusals are all that it tests.
  const often = ['SendMessage', 'SendStreamingMessage', 'GetTask', 'ListTasks', 'message/send', 'message/stream'];
  for (const method of often) expect(report.answers[`json-rpc ${method}`]).toBeGreaterThan(20);
  for (const method of ['CancelTask', 'SubscribeToTask', 'tasks/cancel'])
    expect(report.answers[`json-rpc ${method}`]).toBeGreaterThan(0);
  for (const method of ['SendMessage', 'SendStreamingMessage', 'ListTasks'])
    expect(report.answers[`http+json ${method}`]).toBeGreaterThan(20);
}, 300_000);
