import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { createMachineProbe } from './probe.ts';

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
