/** Whether something answers at all, and soon: the question that a health check asks of a store. */
import { type Clock, deadlineSignal } from '@skein/contracts/runtime';

/** False where `ask` rejects or takes longer. It is not cancelled: whoever answers late answers nobody. */
export async function answersWithin(clock: Clock, ms: number, ask: () => Promise<unknown>): Promise<boolean> {
  const limit = deadlineSignal(clock, ms, () => new Error(`no answer within ${ms} ms`));
  try {
    const tooLate = new Promise<never>((_, reject) => {
      limit.signal.addEventListener('abort', () => reject(limit.signal.reason), { once: true });
    });
    await Promise.race([ask(), tooLate]);
    return true;
  } catch {
    return false; // that is the answer
  } finally {
    limit.clear();
  }
}
