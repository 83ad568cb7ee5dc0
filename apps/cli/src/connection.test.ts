import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findConnection } from './connection.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'skein-cli-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

/** The note and the token of a node; its process is this one, which lives, unless the test says otherwise. */
function node(folder: string, port: number, pid = process.pid): void {
  const path = join(cwd, folder);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'node.json'), JSON.stringify({ pid, name: 'one', address: `http://127.0.0.1:${port}` }));
  writeFileSync(join(path, 'operator-token'), `token-of-${port}\n`);
}

test('a data folder says where its node is and how to be let in', () => {
  node('mine', 1);
  expect(findConnection({ dataDir: 'mine' }, { cwd, env: {} })).toMatchObject({
    url: 'http://127.0.0.1:1',
    token: 'token-of-1',
  });
  expect(findConnection({}, { cwd, env: { SKEIN_DATA_DIR: 'mine' } }).url).toBe('http://127.0.0.1:1');
});

test('without a word the usual folder is looked into, then the demonstration’s', () => {
  node('.skein/node-1', 2);
  expect(findConnection({}, { cwd, env: {} }).url).toBe('http://127.0.0.1:2');
  node('.skein/node', 1);
  expect(findConnection({}, { cwd, env: {} }).url).toBe('http://127.0.0.1:1');
});

test('the note of a node that was killed is not believed: nobody else on its port is shown its token', () => {
  node('mine', 1, spawnSync(process.execPath, ['-e', '']).pid); // it has ended, and was reaped
  expect(() => findConnection({ dataDir: 'mine' }, { cwd, env: {} })).toThrow('no node runs in mine');
});

test('an address comes with a token, from the flag or from the environment', () => {
  const url = 'http://127.0.0.1:1/';
  const found = { url: 'http://127.0.0.1:1', token: 't' };
  expect(findConnection({ url, token: 't' }, { cwd, env: {} })).toMatchObject(found);
  expect(findConnection({}, { cwd, env: { SKEIN_URL: url, SKEIN_TOKEN: 't' } })).toMatchObject(found);
});

test('what cannot be found says what to do', () => {
  const find = (options: Parameters<typeof findConnection>[0]) => () => findConnection(options, { cwd, env: {} });
  expect(find({})).toThrow("no node runs in .skein/node or .skein/node-1. Start one with 'skein up'");
  expect(find({ dataDir: 'mine' })).toThrow("Start one with 'skein up --data-dir mine'");
  expect(find({ url: 'http://127.0.0.1:1' })).toThrow('--url needs the operator token');
  expect(find({ url: 'http://127.0.0.1:1', token: 'a\nb' })).toThrow('--token is no operator token');
  expect(find({ url: 'localhost:1', token: 't' })).toThrow('expected an origin');
  mkdirSync(join(cwd, 'broken'));
  writeFileSync(join(cwd, 'broken', 'node.json'), '{');
  expect(find({ dataDir: 'broken' })).toThrow('cannot be read');
});
