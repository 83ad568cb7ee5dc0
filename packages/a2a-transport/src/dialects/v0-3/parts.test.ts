import { describe, expect, test } from 'vitest';
import { A2AError } from '../../errors.ts';
import { readPart, writePart } from './parts.ts';

describe('a part is read', () => {
  test.each([
    { wire: { kind: 'text', text: '' }, part: { text: '' } },
    { wire: { kind: 'text', text: 'a', metadata: null }, part: { text: 'a' } },
    { wire: { kind: 'text', text: 'a', file: null, data: {}, url: 'u', raw: 'r' }, part: { text: 'a' } },
    { wire: { kind: 'file', file: { bytes: 'aGk=', name: null } }, part: { raw: 'aGk=' } },
    {
      wire: { kind: 'file', file: { uri: 'u', mimeType: 'm', name: 'n' } },
      part: { url: 'u', mediaType: 'm', filename: 'n' },
    },
    { wire: { kind: 'data', data: {} }, part: { data: {} } },
    { wire: { kind: 'data', data: null }, part: { data: null } },
    { wire: { kind: 'data', data: { value: 1 } }, part: { data: { value: 1 } } },
    {
      wire: { kind: 'data', data: { value: 1 }, metadata: { a: 1 } },
      part: { data: { value: 1 }, metadata: { a: 1 } },
    },
    { wire: { kind: 'data', data: { value: 1 }, metadata: { data_part_compat: true } }, part: { data: 1 } },
    {
      wire: { kind: 'data', data: { a: 1 }, metadata: { data_part_compat: true } },
      part: { data: { a: 1 }, metadata: { data_part_compat: true } },
    },
    { wire: { text: 'no kind' }, part: { text: 'no kind' } },
    { wire: { file: { uri: 'u' } }, part: { url: 'u' } },
    { wire: { data: { a: 1 } }, part: { data: { a: 1 } } },
  ])('$wire → $part', ({ wire, part }) => {
    expect(readPart(wire, 'part')).toEqual(part);
  });
});

describe('a part that makes no sense is refused with its place', () => {
  test.each([
    { wire: 'text', says: 'parts[0] must be an object' },
    { wire: null, says: 'parts[0] must be an object' },
    { wire: [], says: 'parts[0] must be an object' },
    { wire: {}, says: 'parts[0].kind must be' },
    { wire: { kind: 'video' }, says: 'parts[0].kind must be' },
    { wire: { kind: 'toString', text: 'a' }, says: 'parts[0].kind must be' },
    { wire: { text: 'a', data: {} }, says: 'parts[0].kind must be' },
    { wire: { kind: 'text' }, says: 'parts[0].text must be a string' },
    { wire: { kind: 'text', text: 1 }, says: 'parts[0].text must be a string' },
    { wire: { kind: 'file' }, says: 'parts[0].file must be an object' },
    { wire: { kind: 'file', file: {} }, says: 'parts[0].file must hold either bytes or uri' },
    { wire: { kind: 'file', file: { bytes: '', uri: '' } }, says: 'parts[0].file must hold either bytes or uri' },
    { wire: { kind: 'data' }, says: 'parts[0].data is missing' },
  ])('$wire', ({ wire, says }) => {
    expect(() => readPart(wire, 'parts[0]')).toThrow(A2AError);
    expect(() => readPart(wire, 'parts[0]')).toThrow(says);
  });
});

test.each([
  { part: { data: [1] }, wire: { kind: 'data', data: { value: [1] }, metadata: { data_part_compat: true } } },
  { part: { data: null }, wire: { kind: 'data', data: { value: null }, metadata: { data_part_compat: true } } },
  { part: { text: 'a', kind: 'other' }, wire: { kind: 'text', text: 'a' } },
  { part: { text: 'a', mediaType: 'text/html' }, wire: { kind: 'text', text: 'a', mediaType: 'text/html' } },
  { part: { url: 'u', mediaType: '', filename: '' }, wire: { kind: 'file', file: { uri: 'u' } } },
])('$part is written as $wire', ({ part, wire }) => {
  expect(writePart(part)).toEqual(wire);
});
