import { ResourceReport } from '@skein/contracts';
import { expect, test } from 'vitest';
import { answerOf, nodeIdNo, nodeNo, someMetrics, used } from '../testing/fleet-examples.ts';
import { buildReport, type ReportInput, reportSince } from './report.ts';

const sinceMs = Date.UTC(2026, 0, 1);
const hour = (h: number, change: Parameters<typeof used>[0]) => ({
  hour: new Date(sinceMs + h * 3_600_000).toISOString(),
  usage: used(change),
});
const report = (change: Partial<ReportInput>) =>
  buildReport({ nodes: [], hours: [], answers: new Map(), sinceMs, untilMs: sinceMs + 1, ...change });

test.each([
  ['2026-01-02T00:00:00.000Z', '2026-01-01T01:00:00.000Z'],
  ['2026-01-02T00:59:59.999Z', '2026-01-01T01:00:00.000Z'],
  ['2026-01-02T12:30:00.000Z', '2026-01-01T13:00:00.000Z'],
])('a report at %s begins at %s: 24 hours, the present one included', (now, since) => {
  expect(new Date(reportSince(Date.parse(now))).toISOString()).toBe(since);
});

test('hours add up to nodes and nodes to totals; of the peaks the highest counts', () => {
  const hours = [
    { nodeId: nodeIdNo(0), hours: [hour(0, { tokensIn: 1, peakMemoryBytes: 9 }), hour(1, { tokensIn: 2, cpuMs: 5 })] },
    { nodeId: nodeIdNo(1), hours: [hour(1, { tokensIn: 4, peakMemoryBytes: 7 })] },
  ];
  const { nodes, totals } = report({ nodes: [nodeNo(0), nodeNo(1), nodeNo(2)], hours });
  expect(nodes.map(({ usage }) => usage)).toEqual([
    used({ tokensIn: 3, cpuMs: 5, peakMemoryBytes: 9 }),
    used({ tokensIn: 4, peakMemoryBytes: 7 }),
    used({}),
  ]);
  expect(totals).toEqual(used({ tokensIn: 7, cpuMs: 5, peakMemoryBytes: 9 }));
});

test('a report of absurd figures can still be told', () => {
  const most = Number.MAX_SAFE_INTEGER;
  const hours = [0, 1].map((n) => ({
    nodeId: nodeIdNo(n),
    hours: [hour(0, { tokensIn: most }), hour(1, { tokensIn: most })],
  }));
  const told = report({ nodes: [nodeNo(0), nodeNo(1)], hours });
  expect(ResourceReport.parse(told).totals).toEqual(used({ tokensIn: most }));
});

test('who answered is told with the metrics of that answer, everybody else with the last ones known', () => {
  const old = { ...someMetrics, cpuPercent: 50 };
  const nodes = [nodeNo(0, { metrics: old }), nodeNo(1, { metrics: old }), nodeNo(2)];
  const answers = new Map([
    [nodeIdNo(0), answerOf(0)],
    [nodeIdNo(1), undefined],
  ]);
  expect(report({ nodes, answers }).nodes.map(({ answered, metrics }) => [answered, metrics?.cpuPercent])).toEqual([
    [true, 10],
    [false, 50],
    [false, undefined],
  ]);
});

test('a node that was taken out counts with what it used, and not as a node', () => {
  const nodes = [nodeNo(0), nodeNo(1, { liveness: 'suspect' }), nodeNo(2, { removed: true })];
  const hours = [{ nodeId: nodeIdNo(2), hours: [hour(0, { costMicroUsd: 8 })] }];
  const told = report({ nodes, hours });
  expect(told).toMatchObject({ totalNodes: 2, onlineNodes: 1, totals: { costMicroUsd: 8 } });
  expect(told.nodes.map(({ name, status }) => `${name} ${status}`)).toEqual([
    'node-0 online',
    'node-1 suspect',
    'node-2 offline',
  ]);
  expect(ResourceReport.parse(told)).toEqual(told);
});
