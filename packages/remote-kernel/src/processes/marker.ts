/**
 * The mark that every process of a run inherits: `SKEIN_RUN=<host>/<life>/<run>` in its environment. A life is one
 * process of the host, named by pid and start time, so that whoever finds a mark can tell whether its owner still lives
 * and two nodes on one machine never reap each other's work.
 */
export const RUN_VARIABLE = 'SKEIN_RUN';

const HOST_ID = /^[A-Za-z0-9._-]{1,128}$/;

export interface Life {
  pid: number;
  startTicks: number;
}

export interface Marker {
  hostId: string;
  life: Life;
  runId: string;
}

export const isHostId = (text: string): boolean => HOST_ID.test(text);

/** What all marks of one life of a host begin with. */
export const lifePrefix = (hostId: string, life: Life): string => `${hostId}/${life.pid}.${life.startTicks}/`;

export const formatMarker = ({ hostId, life, runId }: Marker): string => `${lifePrefix(hostId, life)}${runId}`;

/** The mark in a variable's value, or undefined when it is none of ours. A run id may contain slashes. */
export function parseMarker(value: string): Marker | undefined {
  const parts = /^([^/]+)\/(\d+)\.(\d+)\/(.+)$/s.exec(value);
  const [, hostId, pid, startTicks, runId] = parts ?? [];
  if (hostId === undefined || runId === undefined) return undefined;
  return { hostId, life: { pid: Number(pid), startTicks: Number(startTicks) }, runId };
}
