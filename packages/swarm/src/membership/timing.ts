/** How long silence may last. One profile for each kind of network, not loose numbers. */
export interface LivenessTiming {
  /** Time between beats in milliseconds, ±10 %. */
  readonly heartbeatIntervalMs: number;
  /** Silence after which a node is suspect. */
  readonly suspectAfterMs: number;
  /** Silence after which a node is offline. */
  readonly offlineAfterMs: number;
  /** How long a node may stay joining before it is offline. */
  readonly joiningAfterMs: number;
  /** Time between sweeps in milliseconds. */
  readonly sweepIntervalMs: number;
}

/** Suspect after one and a half missed beats, offline after four. */
export function livenessTiming(heartbeatIntervalMs: number, sweepIntervalMs: number): LivenessTiming {
  return {
    heartbeatIntervalMs,
    suspectAfterMs: heartbeatIntervalMs * 1.5,
    offlineAfterMs: heartbeatIntervalMs * 4,
    joiningAfterMs: Math.max(heartbeatIntervalMs * 4, 300_000),
    sweepIntervalMs,
  };
}

/** Processes on one machine: a second's beat, offline after four. */
export const localTiming = livenessTiming(1_000, 250);
/** The default: a beat every 30 s, suspect after 45 s, offline after 120 s. */
export const lanTiming = livenessTiming(30_000, 5_000);
/** Long and lossy ways. */
export const wanTiming = livenessTiming(60_000, 10_000);

/** The profiles by their names in the configuration. A swarm shares one. */
export const timingProfiles = { local: localTiming, lan: lanTiming, wan: wanTiming } as const;
/** The name of a profile. */
export type TimingProfile = keyof typeof timingProfiles;
