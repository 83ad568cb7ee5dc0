/** Runs the fuzzer from its sources, as the tests do: `node scripts/fuzz.mjs --runs 1000000 --seed 1`. */
import { createViteServer } from 'vitest/node';

const conditions = ['skein-source'];
const vite = await createViteServer({
  configFile: false,
  appType: 'custom',
  logLevel: 'error',
  optimizeDeps: { noDiscovery: true },
  server: { middlewareMode: true, ws: false, watch: null },
  oxc: { target: 'node20' },
  resolve: { conditions },
  ssr: { resolve: { conditions: [...conditions, 'module', 'node', 'development|production'] } },
});
await vite.ssrLoadModule('/test/fuzz/main.ts');
await vite.close();
