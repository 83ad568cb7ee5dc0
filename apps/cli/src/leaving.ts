/** Ctrl-C while something is waited for that goes on without us: what goes on is said, and where to see it. */
import type { CliContext } from './context.ts';
import { CliError, exitCodes } from './exit-codes.ts';

export async function untilLeft<T>(
  { signals }: Pick<CliContext, 'signals'>,
  whatGoesOn: () => string,
  wait: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const leaving = new AbortController();
  const release = signals.listen((signal, count) => (count > 1 ? signals.endAtOnce(signal) : leaving.abort()));
  try {
    return await wait(leaving.signal);
  } catch (cause) {
    if (!leaving.signal.aborted) throw cause;
    throw new CliError(exitCodes.interrupted, 'interrupted', `left; ${whatGoesOn()}`, { cause });
  } finally {
    release();
  }
}
