import type { Part } from '@skein/contracts/a2a';
import { isObject, type JsonObject, readObject, refuse } from './json.ts';

/**
 * Parts. v0.3 names the content by `kind` and puts files into an object of their own; v1.0 has one flat part.
 *
 *     { kind: 'text', text }                                    { text }
 *     { kind: 'file', file: { bytes | uri, mimeType, name } }   { raw | url, mediaType, filename }
 *     { kind: 'data', data }                                    { data }
 *
 * What v0.3 has no place for (a text's `mediaType`) stays beside it under v1.0's name: v0.3 ignores what it does not know.
 */
type Kind = 'text' | 'file' | 'data';

/**
 * v0.3's data are objects, v1.0's any JSON. Another value travels as `{ value }` under this mark, which the official
 * SDKs know, too.
 */
const wrappedMark = 'data_part_compat';

export function writePart(part: Part): JsonObject {
  const { text, raw, url, data, ...rest } = part;
  if (text !== undefined) return { ...rest, kind: 'text', text };
  if (data !== undefined) return { ...withoutMetadata(rest), kind: 'data', ...writeData(data, rest.metadata) };
  const { mediaType, filename, ...beside } = rest;
  const content = raw === undefined ? { uri: url } : { bytes: raw };
  const file = { ...content, ...(mediaType && { mimeType: mediaType }), ...(filename && { name: filename }) };
  return { ...beside, kind: 'file', file };
}

export function readPart(value: unknown, where: string): JsonObject {
  // Not by `readObject`: `data: null` is a value.
  if (!isObject(value)) return refuse(`${where} must be an object`);
  const { kind, text, file, data, raw, url, ...unread } = value;
  const rest = readObject(unread, where);
  switch (kindOf(value, where)) {
    case 'text':
      return typeof text === 'string' ? { text, ...rest } : refuse(`${where}.text must be a string`);
    case 'file':
      return { ...readFile(file, `${where}.file`), ...rest };
    case 'data':
      return data === undefined ? refuse(`${where}.data is missing`) : readData(data, rest);
  }
}

function kindOf({ kind, ...part }: JsonObject, where: string): Kind {
  if (kind === 'text' || kind === 'file' || kind === 'data') return kind;
  const contents = (['text', 'file', 'data'] as const).filter((content) => part[content] !== undefined);
  const [only] = contents;
  // Some writers leave out a `kind` that goes without saying.
  if (kind === undefined && only !== undefined && contents.length === 1) return only;
  return refuse(`${where}.kind must be "text", "file" or "data"`);
}

function readFile(value: unknown, where: string): JsonObject {
  const { bytes, uri, mimeType, name } = readObject(value, where);
  if ((bytes === undefined) === (uri === undefined)) return refuse(`${where} must hold either bytes or uri`);
  const content = bytes === undefined ? { url: uri } : { raw: bytes };
  return {
    ...content,
    ...(mimeType !== undefined && { mediaType: mimeType }),
    ...(name !== undefined && { filename: name }),
  };
}

function writeData(data: unknown, metadata: Part['metadata']): JsonObject {
  if (isObject(data)) return { data, ...(metadata && { metadata }) };
  return { data: { value: data }, metadata: { ...metadata, [wrappedMark]: true } };
}

function readData(data: unknown, rest: JsonObject): JsonObject {
  const { metadata } = rest;
  const wrapped = isObject(data) && 'value' in data && isObject(metadata) && metadata[wrappedMark] === true;
  if (!wrapped) return { data, ...rest };
  const { [wrappedMark]: _, ...own } = metadata;
  return { data: data.value, ...withoutMetadata(rest), ...(Object.keys(own).length > 0 && { metadata: own }) };
}

function withoutMetadata({ metadata: _, ...rest }: JsonObject): JsonObject {
  return rest;
}
