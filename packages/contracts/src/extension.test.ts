import { describe, expect, test } from 'vitest';
import { MAX_TTL_MS } from './directive.ts';
import { DirectiveMetadata, HeartbeatParams, ProveIdentityReply, RelayedNode } from './extension.ts';

const NODE = 'abcdefghijklmnopqrstuvwxyz';
const metrics = {
  ...{ cpuPercent: 0, memoryUsedBytes: 0, memoryTotalBytes: 0, diskUsedBytes: 0, diskTotalBytes: 0 },
  ...{ activeProcesses: 0, runningDirectives: 0, queuedDirectives: 0, tokensIn: 0, tokensOut: 0, costMicroUsd: 0 },
  ...{ toolCalls: 0, cpuMs: 0, peakMemoryBytes: 0, uptimeMs: 0 },
};

describe('what travels with a directive', () => {
  const metadata = { kind: 'query_resources', priority: 'normal', remainingMs: 60_000, attempt: 1, effect: 'alo' };

  test.each<[string, object, boolean]>([
    ['nothing left', { remainingMs: 0 }, true],
    ['the longest time to live', { remainingMs: MAX_TTL_MS }, true],
    ['a deadline that no clock can hold', { remainingMs: Number.MAX_SAFE_INTEGER }, false],
    ['a little more than the longest', { remainingMs: MAX_TTL_MS + 1 }, false],
    ['its way so far', { hops: 8, visited: [NODE] }, true],
    ['a way without end', { hops: 9 }, false],
    ['more nodes than hops', { visited: Array(9).fill(NODE) }, false],
  ])('%s', (_what, own, fine) => {
    expect(DirectiveMetadata.safeParse({ ...metadata, ...own }).success).toBe(fine);
  });

  test('what a newer node adds is ignored', () => {
    expect(DirectiveMetadata.parse({ ...metadata, shard: 7 })).toEqual(metadata);
  });
});

describe('a signed record on the wire has at most 16,384 characters', () => {
  const relayed = { tier: 'root', group: null, liveness: 'online', eligibility: 'eligible' };
  test.each([
    ['in a heartbeat', HeartbeatParams, { incarnation: 1, metrics }],
    ['as it is relayed', RelayedNode, { ...relayed, eligibilityVersion: 0, removed: false }],
    ['as a proof of identity', ProveIdentityReply, { proof: 'x' }],
  ])('%s', (_where, schema, rest) => {
    const accepts = (length: number) => schema.safeParse({ ...rest, record: 'x'.repeat(length) }).success;
    expect([accepts(16_384), accepts(16_385)]).toEqual([true, false]);
  });
});

test('a version of eligibility is no larger than what a database keeps of it', () => {
  const relayed = { record: 'x', tier: 'root', group: null, liveness: 'online', eligibility: 'eligible' };
  const relays = (eligibilityVersion: number) =>
    RelayedNode.safeParse({ ...relayed, eligibilityVersion, removed: false }).success;
  const beats = (version: number) =>
    HeartbeatParams.safeParse({ incarnation: 1, metrics, eligibility: { eligibility: 'eligible', version } }).success;
  for (const accepts of [relays, beats]) expect([accepts(2 ** 31 - 1), accepts(2 ** 31)]).toEqual([true, false]);
});
