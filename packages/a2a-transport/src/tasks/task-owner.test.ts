import { expect, test } from 'vitest';
import { ownerOf } from './task-owner.ts';

const alice = { id: 'alice', kind: 'node' };

test('no two of principals and tenants are the same owner', () => {
  const all = [
    ownerOf(undefined, undefined),
    ownerOf(undefined, 'alice'),
    ownerOf(alice, undefined),
    ownerOf(alice, 'tenant'),
    ownerOf({ id: 'alice', kind: 'user' }, undefined),
    ownerOf({ id: 'bob', kind: 'node' }, undefined),
    ownerOf({ id: 'alice","t', kind: 'node' }, undefined),
    ownerOf({ id: 'null', kind: 'null' }, undefined),
  ];
  expect(new Set(all).size).toBe(all.length);
});

test('a tenant that is empty is none', () => {
  expect([ownerOf(undefined, ''), ownerOf(alice, '')]).toEqual(['', ownerOf(alice, undefined)]);
});
