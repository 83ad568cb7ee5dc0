import type { Measured } from './rounds.ts';

/** A figure of PERFORMANCE.md: what it measures, and how far it came. */
export interface Figure {
  /** As PERFORMANCE.md names it. */
  name: string;
  title: string;
  run(settings: Settings): Promise<FigureResult>;
}

export interface Settings {
  rounds: number;
  /** How long one contender is measured in one round, in milliseconds. */
  sliceMs: number;
}

export interface FigureResult {
  sections: Section[];
  /** What a reader has to know: which database, what could not be pinned. */
  notes: string[];
}

/** One operation: everybody's rate, and what is asked of ours. */
export interface Section {
  title: string;
  measured: Measured[];
  goals: Goal[];
  /** Peers whose own ratio to the limit we know from a quiet machine. */
  known: KnownRatio[];
}

/** `ours` against `against`, and at least so much. */
export interface Goal {
  ours: string;
  against: string;
  atLeast: number;
}

/** How a peer stood to the limit where the goals were set. More than 40 % off, and the run says nothing. */
export interface KnownRatio {
  peer: string;
  limit: string;
  ratio: number;
}

const validWithin = 0.4;

export function ratioOf({ measured }: Section, one: string, other: string): number {
  const rate = (name: string) => measured.find((each) => each.name === name)?.perSecond ?? Number.NaN;
  return rate(one) / rate(other);
}

export const isReached = (section: Section, goal: Goal) => ratioOf(section, goal.ours, goal.against) >= goal.atLeast;

export const isValid = (section: Section, { peer, limit, ratio }: KnownRatio) =>
  Math.abs(ratioOf(section, peer, limit) / ratio - 1) <= validWithin;
