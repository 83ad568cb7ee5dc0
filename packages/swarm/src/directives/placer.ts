/** Places directives by what the registry says now, and remembers what it gave out since each node's last heartbeat. */
import type { NodeId, Placement } from '@skein/contracts';
import type { NodeEntry, NodeStore } from '../membership/node-store.ts';
import { type PlacingQuestion, place } from './placement.ts';

export interface Placer {
  /** Counts what was given to a node that was named. */
  note(entry: Pick<NodeEntry, 'id' | 'lastBeatAt'>): void;
  /** Undefined where no node matches. What it chooses counts as given. */
  place(question: PlacingQuestion): Promise<Placement | undefined>;
  /** A better place for what a node refused: one that may take work now. Undefined where there is none. */
  placeAnew(placement: Placement, question: Pick<PlacingQuestion, 'kind'>): Promise<Placement | undefined>;
}

/** So often a directive is moved at the most: nodes that say they are free and refuse do not keep it going round. */
const MAX_MOVES = 8;

export function createPlacer({
  nodes,
  latencyMs,
}: {
  nodes: Pick<NodeStore, 'list'>;
  latencyMs: (id: NodeId) => number | undefined;
}): Placer {
  const given = new Map<NodeId, { beatAt: number | null; count: number }>();

  const countOf = ({ id, lastBeatAt }: Pick<NodeEntry, 'id' | 'lastBeatAt'>): number => {
    const known = given.get(id);
    return known && known.beatAt === lastBeatAt ? known.count : 0;
  };

  function give(entry: Pick<NodeEntry, 'id' | 'lastBeatAt'>): void {
    given.set(entry.id, { beatAt: entry.lastBeatAt, count: countOf(entry) + 1 });
  }

  async function choose(question: PlacingQuestion): Promise<Placement | undefined> {
    const entries = await nodes.list();
    const counts = new Map(entries.map((entry) => [entry.id, countOf(entry)]));
    const loadOf = (id: NodeId) => ({ givenSinceBeat: counts.get(id) ?? 0, latencyMs: latencyMs(id) });
    const chosen = place(entries, loadOf, question);
    const entry = entries.find(({ id }) => id === chosen?.nodeId);
    if (entry) give(entry);
    return chosen;
  }

  return {
    note: give,
    place: choose,
    async placeAnew({ selector, nodeId, moves }, { kind }) {
      if (moves >= MAX_MOVES) return undefined;
      const chosen = await choose({ selector, kind, except: nodeId, moves: moves + 1 });
      return chosen && chosen.eligible > 0 ? chosen : undefined;
    },
  };
}
