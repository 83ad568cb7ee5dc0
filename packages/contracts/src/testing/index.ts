export { createFakeClock, type FakeClock } from './fake-clock.ts';
export { createMemoryLogger, type LogLine } from './memory-logger.ts';
export { createSeededRandom } from './seeded-random.ts';
