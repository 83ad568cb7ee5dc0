import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createOperatorToken, NodeNote, openDataFolder } from './data-folder.ts';

let path: string;
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'skein-folder-')), 'node');
});
afterEach(() => rmSync(join(path, '..'), { recursive: true, force: true }));

const mode = (name: string) => statSync(join(path, name)).mode & 0o777;
const note = (pid: number) =>
  NodeNote.parse({
    pid,
    nodeId: 'aaaaaaaaaaaaaaaaaaaaaaaaaa',
    name: 'node-1',
    address: 'http://127.0.0.1:4220',
    startedAt: '2026-01-01T00:00:00.000Z',
  });

test('a secret is made once and is its owner’s alone', () => {
  const made = openDataFolder(path, false).secret('operator-token', createOperatorToken);
  expect(made).toMatch(/^skein_operator_[\w-]{43}$/);
  expect(mode('operator-token')).toBe(0o600);
  expect(mode('.')).toBe(0o700);
  expect(openDataFolder(path, false).secret('operator-token', createOperatorToken)).toBe(made);
});

test('a secret that others could read is closed again, an empty one is refused', () => {
  const folder = openDataFolder(path, false);
  writeFileSync(join(path, 'operator-token'), 'mine\n', { mode: 0o644 });
  expect(folder.secret('operator-token', () => 'new')).toBe('mine');
  expect(mode('operator-token')).toBe(0o600);
  writeFileSync(join(path, 'identity.pem'), '\n');
  expect(() => folder.secret('identity.pem', () => 'new')).toThrow('is empty');
});

test('of two that make a secret at once, both get the same', () => {
  const folder = openDataFolder(path, false);
  const slow = folder.secret('identity.pem', () => {
    folder.secret('identity.pem', () => 'the faster one');
    return 'the slower one';
  });
  expect(slow).toBe('the faster one');
});

test('the note goes with its own process only; the id stays', () => {
  const folder = openDataFolder(path, false);
  folder.writeNote(note(process.pid + 1));
  folder.removeNote();
  expect(existsSync(join(path, 'node.json'))).toBe(true);
  folder.writeNote(note(process.pid));
  folder.removeNote();
  expect(existsSync(join(path, 'node.json'))).toBe(false);
  expect(readFileSync(join(path, 'node-id'), 'utf8').trim()).toBe('aaaaaaaaaaaaaaaaaaaaaaaaaa');
});
