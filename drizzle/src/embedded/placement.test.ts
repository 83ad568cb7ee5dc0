import { chmodSync, existsSync, lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeTestFolder } from '../testing/embedded/test-folder.ts';
import { place, socketFolderFor } from './placement.ts';

const asRoot = test.runIf(process.getuid?.() === 0);

test('a socket lies beside its cluster, and elsewhere when its path would be too long', () => {
  expect(socketFolderFor('/data', 1000)).toBe('/data/run');
  const longest = `/${'d'.repeat(88)}`;
  expect(socketFolderFor(longest, 1000, 'linux')).toBe(`${longest}/run`);
  expect(socketFolderFor(`${longest}d`, 1000, 'linux')).toMatch(/^\/tmp\/skein-1000-[0-9a-f]{12}$/);
  expect(socketFolderFor(longest, 1000, 'darwin')).toMatch(/^\/tmp\/skein-1000-/);
});

asRoot('root has the server run as nobody, in the data folder', async () => {
  await using folder = await makeTestFolder();
  const data = join(folder.path, 'data');
  expect(await place(data)).toEqual({
    baseFolder: data,
    clusterFolder: join(data, 'pg'),
    socketFolder: join(data, 'run'),
    uid: 65_534,
  });
  expect(lstatSync(join(data, 'run'))).toMatchObject({ uid: 65_534, mode: 0o40700 });
});

asRoot('root takes a folder elsewhere when the server cannot reach the data folder, and stays with it', async () => {
  await using folder = await makeTestFolder();
  chmodSync(folder.path, 0o700);
  const first = await place(join(folder.path, 'data'));
  expect(first.baseFolder).toMatch(/^\/var\/(lib\/skein\/|tmp\/skein-)[0-9a-f]{12}$/);
  chmodSync(folder.path, 0o711);
  expect(await place(join(folder.path, 'data'))).toEqual(first);
  rmSync(first.baseFolder, { recursive: true });
  await expect(place(join(folder.path, 'data'))).rejects.toMatchObject({ code: 'FOLDER_UNUSABLE' });
});

asRoot('the owner of a cluster that is there already is the user to run as', async () => {
  await using folder = await makeTestFolder();
  const cluster = join(folder.path, 'pg');
  mkdirSync(cluster);
  expect(await place(folder.path, { postgresUid: 4711 })).toMatchObject({ uid: 4711 });
});

test('an ordinary user stays oneself', async () => {
  await using folder = await makeTestFolder();
  expect(await place(folder.path, { isRoot: false })).toMatchObject({ baseFolder: folder.path, uid: undefined });
});

test('a link in the place of the socket folder is not followed', async () => {
  await using folder = await makeTestFolder();
  const victim = join(folder.path, 'victim');
  mkdirSync(victim);
  symlinkSync(victim, join(folder.path, 'run'));
  await expect(place(folder.path)).rejects.toMatchObject({ code: 'FOLDER_UNUSABLE' });
  expect(lstatSync(victim).uid).toBe(process.getuid?.());
  expect(existsSync(join(folder.path, 'pg'))).toBe(false);
});
