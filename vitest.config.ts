import { defineConfig } from 'vitest/config';

/** Sources that start no process, hold no module-level state and touch no file of others: their tests share a worker. */
const inProcess = ['contracts', 'a2a-transport', 'swarm'].map((name) => `packages/${name}/src/**/*.test.ts`);

/** Tests read the sources of every package, so that none can pass on a stale build. */
export default defineConfig({
  resolve: { conditions: ['skein-source'] },
  ssr: { resolve: { conditions: ['skein-source', 'module', 'node', 'development|production'] } },
  test: {
    reporters: ['default', './scripts/closing-line-reporter.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    projects: [
      // Their time is a clock of their own: the machine's ends only what hangs, and says nothing of a machine that is busy.
      { extends: true, test: { name: 'in-process', include: inProcess, isolate: false, testTimeout: 120_000 } },
      {
        extends: true,
        test: {
          name: 'real',
          include: [
            'packages/*/src/**/*.test.ts',
            'drizzle/src/**/*.test.ts',
            'apps/*/src/**/*.test.ts',
            'test/**/*.test.ts',
          ],
          exclude: inProcess,
          globalSetup: ['./test/setup/postgres.ts'],
        },
      },
    ],
  },
});
