import type { DirectiveKind, NodeId, NodeMetrics, Selector } from '@skein/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isFit, matches, type PeerLoad, place } from './placement.ts';

type Node = Parameters<typeof matches>[0];

const idOf = (letter: string) => letter.repeat(26) as NodeId; // the shape of an id, without a key behind it

function node(letter: string, more: Partial<Omit<Node, 'metrics' | 'record'>> & NodeSketch = {}): Node {
  const { capacity = 4, running = 0, queued = 0, labels = {}, capabilities = [], kinds, ...facts } = more;
  return {
    id: idOf(letter),
    record: {
      ...{ key: 'k', name: letter, addresses: ['http://127.0.0.1:1'], labels, capabilities, capacity },
      ...{ kinds: kinds ?? ['execute_task'], incarnation: 1, recordVersion: 1 },
    },
    ...{ tier: 'unprivileged', group: null, liveness: 'online', eligibility: 'eligible', removed: false },
    metrics: { runningDirectives: running, queuedDirectives: queued } as NodeMetrics, // all that placing looks at
    ...facts,
  };
}

interface NodeSketch {
  capacity?: number;
  running?: number;
  queued?: number;
  labels?: Record<string, string>;
  capabilities?: string[];
  kinds?: DirectiveKind[];
}

const idle = (): PeerLoad => ({ givenSinceBeat: 0, latencyMs: undefined });
const ask = (selector: Selector = {}) => ({ selector, kind: 'execute_task' as const });

test.each<[Selector, Parameters<typeof node>[1], boolean]>([
  [{}, {}, true],
  [{ group: 'gpu' }, { group: 'gpu' }, true],
  [{ group: 'gpu' }, { group: 'cpu' }, false],
  [{ group: 'gpu' }, { group: null }, false],
  [{ tier: 'sudo' }, { tier: 'sudo' }, true],
  [{ tier: 'sudo' }, { tier: 'root' }, false],
  [{ capabilities: ['cuda', 'docker'] }, { capabilities: ['docker', 'cuda', 'x'] }, true],
  [{ capabilities: ['cuda', 'docker'] }, { capabilities: ['cuda'] }, false],
  [{ labels: { zone: 'a' } }, { labels: { zone: 'a', rack: '1' } }, true],
  [{ labels: { zone: 'a' } }, { labels: { zone: 'b' } }, false],
  [{ labels: { zone: 'a' } }, {}, false],
  [{ group: 'gpu', labels: { zone: 'a' } }, { group: 'gpu' }, false],
])('the selector %j means a node with %j: %s', (selector, facts, expected) => {
  expect(matches(node('a', facts), selector)).toBe(expected);
});

test.each<[string, Node[], string]>([
  [
    'the smaller share of its capacity in use',
    [node('a', { running: 2, capacity: 4 }), node('b', { running: 3, capacity: 8 })],
    'b',
  ],
  [
    'at the same share the shorter queue',
    [node('a', { running: 1, queued: 3 }), node('b', { running: 1, queued: 2 })],
    'b',
  ],
  [
    'what is fit before what is idle',
    [node('a', { eligibility: 'draining' }), node('b', { running: 4, queued: 9 })],
    'b',
  ],
  ['what is online before what is suspect', [node('a', { liveness: 'suspect' }), node('b', { running: 4 })], 'b'],
  ['a draining one where no other matches', [node('a', { eligibility: 'draining' })], 'a'],
  ['never a sealed one', [node('a', { eligibility: 'sealed' }), node('b', { liveness: 'offline' })], 'b'],
  ['never a removed one', [node('a', { removed: true }), node('b', { running: 4 })], 'b'],
  ['only one that carries out the kind', [node('a', { kinds: ['query_resources'] }), node('b', { running: 4 })], 'b'],
])('a selector chooses %s', (_, nodes, expected) => {
  expect(place(nodes, idle, ask())?.nodeId).toBe(idOf(expected));
  expect(place(nodes.toReversed(), idle, ask())?.nodeId).toBe(idOf(expected));
});

test('what a node was given since its last heartbeat counts as running', () => {
  const load = (id: NodeId): PeerLoad => ({ givenSinceBeat: id === idOf('a') ? 2 : 0, latencyMs: undefined });
  const chosen = place([node('a'), node('b', { running: 1 })], load, ask());
  expect(chosen).toMatchObject({ nodeId: idOf('b'), running: 1, capacity: 4, matching: 2, eligible: 2, moves: 0 });
});

test('the last latency decides between equals, and an unknown one comes last', () => {
  const latency: Record<string, number | undefined> = { [idOf('a')]: undefined, [idOf('b')]: 40, [idOf('c')]: 12 };
  const chosen = place(
    [node('a'), node('b'), node('c')],
    (id) => ({ givenSinceBeat: 0, latencyMs: latency[id] }),
    ask(),
  );
  expect(chosen).toMatchObject({ nodeId: idOf('c'), latencyMs: 12 });
});

test('a node that has just refused is left out', () => {
  expect(place([node('a'), node('b', { running: 4 })], idle, { ...ask(), except: idOf('a') })?.nodeId).toBe(idOf('b'));
  expect(place([node('a')], idle, { ...ask(), except: idOf('a') })).toBeUndefined();
});

test('whoever is chosen matches, is as fit as any, and has the most headroom of those', () => {
  const anyNode = fc.record({
    letter: fc.constantFrom(...'abcdefgh'),
    running: fc.nat(8),
    capacity: fc.integer({ min: 1, max: 8 }),
    queued: fc.nat(3),
    group: fc.constantFrom(null, 'x', 'y'),
    liveness: fc.constantFrom('online' as const, 'suspect' as const, 'offline' as const),
    eligibility: fc.constantFrom('eligible' as const, 'draining' as const, 'drained' as const, 'sealed' as const),
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(anyNode, { selector: ({ letter }) => letter }),
      fc.constantFrom<Selector>({}, { group: 'x' }),
      (sketches, selector) => {
        const nodes = sketches.map(({ letter, ...facts }) => node(letter, facts));
        const chosen = place(nodes, idle, ask(selector));
        const able = nodes.filter((each) => each.eligibility !== 'sealed' && matches(each, selector));
        if (!chosen) {
          expect(able).toEqual([]);
          return;
        }
        const best = able.find(({ id }) => id === chosen.nodeId);
        expect(best).toBeDefined();
        if (!best) return;
        const rivals = able.filter((each) => Number(isFit(each)) >= Number(isFit(best)));
        const share = (each: Node) => (each.metrics?.runningDirectives ?? 0) / each.record.capacity;
        expect(Math.min(...rivals.map(share))).toBe(share(best));
        expect(rivals.every((each) => isFit(each) === isFit(best))).toBe(true);
      },
    ),
  );
});
