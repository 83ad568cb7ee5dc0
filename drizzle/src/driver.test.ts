import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { openClient, type SocketTarget, type Sql } from './target.ts';

/**
 * What we rely on in postgres.js when connections break under load: statements fail, and nothing else happens. Release
 * 3.4.9 hangs for good, answers one statement with another's result, or throws where nobody can catch it; see
 * patches/postgres@3.4.9.patch, and porsager/postgres #1208, #1215, #1216.
 */
async function clientThroughCuttableLine({ host, port, user, database }: SocketTarget) {
  const lines = new Set<Socket>();
  const proxy: Server = createServer((near) => {
    const far = createConnection(`${host}/.s.PGSQL.${port}`);
    lines.add(near);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.pipe(other);
      one.on('error', () => {}); // its close follows
      one.on('close', () => other.destroy());
    }
    near.on('close', () => lines.delete(near));
  });
  await new Promise<void>((resolve) => void proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  if (typeof address !== 'object' || !address) throw new Error('the proxy has no port');
  const client = openClient(
    { host: '127.0.0.1', port: address.port, user, database },
    { maxConnections: 4, applicationName: 'cut', connectTimeoutMs: 5_000 },
  );
  onTestFinished(async () => {
    await client.end({ timeout: 1 });
    proxy.close();
  });
  return { client, lines };
}

const endings: [string, (line: Socket) => void][] = [
  ['closed', (line) => void line.destroy()],
  ['reset', (line) => void line.resetAndDestroy()],
];
const uses: [string, (sql: Sql, value: number) => Promise<unknown>][] = [
  ['statements', async (sql, value) => (await sql<{ value: number }[]>`select ${value}::int as value`)[0]?.value],
  [
    'transactions',
    (sql, value) =>
      sql.begin(async (tx) => {
        await tx`select 1`;
        const [row] = await tx<{ value: number }[]>`select ${value}::int as value`;
        return row?.value;
      }),
  ],
];
const cases = endings.flatMap(([how, cut]) => uses.map(([what, use]) => [what, how, use, cut] as const));

test.each(cases)('%s go on after connections were %s, and no answer goes to another', async (_, __, use, cut) => {
  const { client, lines } = await clientThroughCuttableLine(inject('testCluster').connection);
  let answered = 0;
  const mixed: unknown[] = [];
  let running = true;
  const workers = Array.from({ length: 8 }, async (_, worker) => {
    for (let value = worker * 1_000_000; running; value++) {
      try {
        const got = await use(client, value);
        answered++;
        if (got !== value) mixed.push({ value, got });
      } catch {
        // A statement that was under way fails: what was cut is open, as promised.
      }
    }
  });
  try {
    for (let cuts = 0; cuts < 40; cuts++) {
      const before = answered;
      await vi.waitFor(() => expect(answered).toBeGreaterThan(before + 10), { timeout: 5_000, interval: 2 });
      const open = [...lines];
      for (const line of cuts % 2 ? open : open.slice(0, 1)) cut(line);
    }
  } finally {
    running = false; // or they would go on for ever on a client that has ended
  }
  await Promise.all(workers);
  expect(mixed).toEqual([]);
});
