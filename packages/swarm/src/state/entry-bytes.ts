/** What an entry takes of its namespace's room: key and value as JSON text, in UTF-8 bytes. */
import type { StateEntryView } from '@skein/contracts';

/** The size that counts against `maxBytes`; a tombstone is its key alone. */
export function entryBytes(key: string, value: StateEntryView['value']): number {
  return Buffer.byteLength(JSON.stringify(key)) + valueBytes(value);
}

export function valueBytes(value: StateEntryView['value']): number {
  return value === undefined ? 0 : Buffer.byteLength(JSON.stringify(value));
}
