import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { migrate } from './migrate.ts';
import { lockKey } from './owner-lock.ts';
import type { Sql } from './target.ts';
import { makeTestFolder } from './testing/embedded/test-folder.ts';
import { createTestDatabase } from './testing/test-database.ts';

/** Far ahead of the package's own migrations, after which these are applied. */
const firstAt = Date.UTC(2099, 0, 1);

function writeMigrations(folder: string, statements: readonly string[]): void {
  mkdirSync(join(folder, 'meta'), { recursive: true });
  const entries = statements.map((statement, idx) => {
    const tag = `${String(idx).padStart(4, '0')}_test`;
    writeFileSync(join(folder, `${tag}.sql`), statement);
    return { idx, version: '7', when: firstAt + idx, tag, breakpoints: true };
  });
  writeFileSync(join(folder, 'meta/_journal.json'), JSON.stringify({ version: '7', dialect: 'postgresql', entries }));
}

test('of eight that migrate at once, one does the work and all find it done', async () => {
  await using folder = await makeTestFolder();
  await using database = await createTestDatabase(inject('testCluster'));
  const once = 'create table once (id int);\n--> statement-breakpoint\ninsert into once values (1);';
  writeMigrations(folder.path, [once, 'select pg_sleep(0.05);']);
  await Promise.all(Array.from({ length: 8 }, () => migrate(database, { migrationsFolder: folder.path })));
  expect(await database.sql`select id from once`).toEqual([{ id: 1 }]);

  writeMigrations(folder.path, [once, 'select 1;', 'insert into once values (2);']);
  await migrate(database, { migrationsFolder: folder.path });
  expect(await database.sql`select id from once order by id`).toEqual([{ id: 1 }, { id: 2 }]);
});

test('a migration that fails changes nothing, and says what the server said', async () => {
  await using folder = await makeTestFolder();
  await using database = await createTestDatabase(inject('testCluster'));
  writeMigrations(folder.path, ['create table half (id int);', 'insert into missing values (1);']);
  await expect(migrate(database, { migrationsFolder: folder.path })).rejects.toMatchObject({
    code: 'MIGRATION_FAILED',
    message: expect.stringContaining('relation "missing" does not exist'),
  });
  expect(await database.sql`select to_regclass('half') as half`).toEqual([{ half: null }]);
});

test('a migrator that does not come to an end is not waited for without bound', async () => {
  await using folder = await makeTestFolder();
  await using database = await createTestDatabase(inject('testCluster'));
  writeMigrations(folder.path, ['create table slow (id int);']);
  await using _other = await holdMigrationLock(database.sql);
  await expect(migrate(database, { migrationsFolder: folder.path, waitMs: 50 })).rejects.toMatchObject({
    code: 'MIGRATION_FAILED',
    message: expect.stringContaining('Another node has been migrating'),
  });
});

async function holdMigrationLock(sql: Sql): Promise<AsyncDisposable> {
  const session = await sql.reserve();
  await session`select pg_advisory_lock(${lockKey('migrate')}::bigint)`;
  return {
    async [Symbol.asyncDispose]() {
      await session`select pg_advisory_unlock_all()`;
      session.release();
    },
  };
}
