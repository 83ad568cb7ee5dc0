/**
 * How long the event loop was held up at the worst. A timer that comes late on a busy machine says nothing of us, so what
 * counts is the time by which it was late and in which this process was indeed computing.
 */
export function watchLoop(everyMs = 20): { worstMs(): number; stop(): void } {
  let worst = 0;
  let at = performance.now();
  let cpu = process.cpuUsage();
  const timer = setInterval(() => {
    const now = performance.now();
    const { user, system } = process.cpuUsage(cpu);
    worst = Math.max(worst, Math.min(now - at - everyMs, (user + system) / 1_000));
    at = now;
    cpu = process.cpuUsage();
  }, everyMs);
  return { worstMs: () => worst, stop: () => clearInterval(timer) };
}
