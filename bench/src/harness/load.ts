import { type LoadRequest, openLoadConnection } from './load-connection.ts';
import { percentile } from './statistics.ts';

/** What one slice of load saw. */
export interface LoadResult {
  perSecond: number;
  /** All answers, those of the warm-up too. */
  answers: number;
  p50Ms: number;
  p99Ms: number;
}

export interface LoadSlice {
  port: number;
  connections: number;
  /** Not counted: connections open, code gets warm again. */
  warmUpMs: number;
  countedMs: number;
}

let lastNumber = 0;

/** Keeps so many connections busy for so long. A single wrong answer is a failure of the whole slice. */
export async function applyLoad(request: LoadRequest, slice: LoadSlice): Promise<LoadResult> {
  const latencies: number[] = [];
  let counting = false;
  let answers = 0;
  let failure: { cause: unknown } | undefined;
  const nextNumber = () => {
    lastNumber += 1;
    return lastNumber;
  };
  const connections = Array.from({ length: slice.connections }, () =>
    openLoadConnection(slice.port, request, nextNumber, {
      onAnswer(latencyMs) {
        answers += 1;
        if (counting) latencies.push(latencyMs);
      },
      onFailure: (cause) => {
        failure ??= { cause };
      },
    }),
  );
  await sleep(slice.warmUpMs);
  const began = performance.now();
  counting = true;
  await sleep(slice.countedMs);
  const seconds = (performance.now() - began) / 1_000;
  for (const connection of connections) connection.close();
  if (failure) throw new Error('A wrong answer under load', failure);
  if (latencies.length === 0) throw new Error('No answer under load');
  const perSecond = latencies.length / seconds;
  return { perSecond, answers, p50Ms: percentile(latencies, 0.5), p99Ms: percentile(latencies, 0.99) };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
