import { tmpdir } from 'node:os';
import { NodeMetrics, noUsage } from '@skein/contracts';
import { createFakeClock } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { createMachineProbe, readNodeMetrics } from './probe.ts';

test('the machine’s figures are what they are called: a percentage, and bytes of which some are in use', async () => {
  const figures = await createMachineProbe(tmpdir())();
  expect(figures.cpuPercent).toBeGreaterThanOrEqual(0);
  expect(figures.cpuPercent).toBeLessThanOrEqual(100); // a load average has no such end
  for (const [used, total] of [
    [figures.memoryUsedBytes, figures.memoryTotalBytes],
    [figures.diskUsedBytes, figures.diskTotalBytes],
  ] as const) {
    expect(used).toBeGreaterThan(0);
    expect(used).toBeLessThanOrEqual(total);
  }
});

test('a node’s own figures are its own: its uptime from its start on, its counters from its runs, never the machine’s', async () => {
  const host = { cpuPercent: 7, memoryUsedBytes: 1, memoryTotalBytes: 2, diskUsedBytes: 3, diskTotalBytes: 4 };
  const clock = createFakeClock();
  const startedAtMs = clock.now();
  await clock.advance(1_500);
  const totals = { ...noUsage, toolCalls: 2, cpuMs: 40, tokensIn: 9 };
  const accounting = { totals: () => totals, processes: () => [] };
  const directives = async () => ({ queued: 5, running: 1 });
  const figures = await readNodeMetrics({ machine: async () => host, accounting, directives, clock, startedAtMs });
  expect(figures).toMatchObject({ ...host, ...totals, uptimeMs: 1_500, queuedDirectives: 5, runningDirectives: 1 });
});

test('a program that reports nonsense does not make figures that no beat can carry', async () => {
  const host = { cpuPercent: 7, memoryUsedBytes: 1, memoryTotalBytes: 2, diskUsedBytes: 3, diskTotalBytes: 4 };
  const totals = {
    ...noUsage,
    tokensIn: 2 ** 60,
    tokensOut: Number.POSITIVE_INFINITY,
    cpuMs: 0.5,
    toolCalls: Number.NaN,
  };
  const accounting = { totals: () => totals, processes: () => [] };
  const directives = async () => ({ queued: 0, running: 0 });
  const clock = createFakeClock();
  const figures = await readNodeMetrics({ machine: async () => host, accounting, directives, clock, startedAtMs: 0 });
  expect(NodeMetrics.parse(figures)).toMatchObject({
    ...{ tokensIn: Number.MAX_SAFE_INTEGER, tokensOut: Number.MAX_SAFE_INTEGER, toolCalls: 0 },
  });
});
