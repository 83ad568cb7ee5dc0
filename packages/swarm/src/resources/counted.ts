/** Figures as books and messages take them: whole numbers from zero to 2^53 − 1. */
import type { Usage } from '@skein/contracts';

/** A tool of the host program may say half a token, or nonsense, and sums may come to more than travels. */
export function counted(told: Usage): Usage {
  const whole = (figure: number) =>
    Number.isNaN(figure) ? 0 : Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.round(figure)));
  return {
    tokensIn: whole(told.tokensIn),
    tokensOut: whole(told.tokensOut),
    costMicroUsd: whole(told.costMicroUsd),
    toolCalls: whole(told.toolCalls),
    cpuMs: whole(told.cpuMs),
    peakMemoryBytes: whole(told.peakMemoryBytes),
  };
}
