import { type HealthGrade, NodeHealth, type NodeMetrics } from '@skein/contracts';
import { expect, test } from 'vitest';
import type { NodeEntry } from '../membership/node-store.ts';
import { lanTiming } from '../membership/timing.ts';
import { nodeNo, someMetrics } from '../testing/fleet-examples.ts';
import { checkHealth, type HealthFigures } from './health.ts';

interface Given extends Partial<Omit<HealthFigures, 'metrics'>> {
  metrics?: Partial<NodeMetrics> | null;
}

const figures = (given: Given): HealthFigures => ({
  ...{ silentMs: 0, latencyMs: 1 },
  ...given,
  metrics: given.metrics === null ? null : { ...someMetrics, ...given.metrics },
});

function check(given: Given, node: Partial<NodeEntry> = {}) {
  const health = checkHealth(nodeNo(0, node), figures(given), lanTiming);
  expect(NodeHealth.parse(health)).toEqual(health);
  return health;
}

test.each<[string, number, HealthGrade, Given]>([
  ['cpu', 84.9, 'ok', { metrics: { cpuPercent: 84.9 } }],
  ['cpu', 85, 'warning', { metrics: { cpuPercent: 85 } }],
  ['cpu', 95, 'critical', { metrics: { cpuPercent: 95 } }],
  ['memory', 84.9, 'ok', { metrics: { memoryUsedBytes: 849, memoryTotalBytes: 1_000 } }],
  ['memory', 85, 'warning', { metrics: { memoryUsedBytes: 850, memoryTotalBytes: 1_000 } }],
  ['memory', 95, 'critical', { metrics: { memoryUsedBytes: 950, memoryTotalBytes: 1_000 } }],
  ['disk', 79.9, 'ok', { metrics: { diskUsedBytes: 799, diskTotalBytes: 1_000 } }],
  ['disk', 80, 'warning', { metrics: { diskUsedBytes: 800, diskTotalBytes: 1_000 } }],
  ['disk', 95, 'critical', { metrics: { diskUsedBytes: 950, diskTotalBytes: 1_000 } }],
  ['silence', 44_999, 'ok', { silentMs: 44_999 }],
  ['silence', 45_000, 'warning', { silentMs: 45_000 }],
  ['silence', 120_000, 'critical', { silentMs: 120_000 }],
  ['latency', 99, 'ok', { latencyMs: 99 }],
  ['latency', 100, 'warning', { latencyMs: 100 }],
  ['latency', 500, 'critical', { latencyMs: 500 }],
  ['queue', 15, 'ok', { metrics: { queuedDirectives: 15 } }],
  ['queue', 16, 'warning', { metrics: { queuedDirectives: 16 } }],
  ['queue', 64, 'critical', { metrics: { queuedDirectives: 64 } }],
])('%s of %d is %s, and so is the node', (name, value, grade, given) => {
  const health = check(given);
  expect(health.checks.find((one) => one.name === name)).toMatchObject({ value, grade });
  expect(health.grade).toBe(grade);
});

test('the worst of several counts', () => {
  expect(check({ latencyMs: 100, metrics: { cpuPercent: 99 } }).grade).toBe('critical');
});

test('without metrics nobody can say that a node is well, but a trouble that is known counts', () => {
  const health = check({ metrics: null });
  expect(health.checks.map(({ name, value, grade }) => `${name} ${value} ${grade}`)).toEqual([
    'cpu null unknown',
    'memory null unknown',
    'disk null unknown',
    'silence 0 ok',
    'latency 1 ok',
    'queue null unknown',
  ]);
  expect(health.grade).toBe('unknown');
  expect(check({ metrics: null, latencyMs: 700 }).grade).toBe('critical');
});

test('figures that are not known do not make a well node any worse', () => {
  expect(check({ silentMs: null, latencyMs: null }).grade).toBe('ok');
  expect(check({ metrics: { memoryTotalBytes: 0 } }).checks[1]).toMatchObject({ value: null, grade: 'unknown' });
});

test.each<[NodeEntry['liveness'], HealthGrade]>([
  ['offline', 'critical'],
  ['suspect', 'warning'],
  ['online', 'ok'],
])('a node that is %s is %s, whatever its last figures were', (liveness, grade) => {
  expect(check({}, { liveness }).grade).toBe(grade);
});
