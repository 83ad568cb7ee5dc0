import { A2AError } from '../errors.ts';
import { assertSafeJson } from '../json-rpc/safe-json.ts';

/** Query parameters that are no texts, in either spelling. Their values come as decimal numbers and as `true` or `false`. */
const integers: ReadonlySet<string> = new Set(['historyLength', 'history_length', 'pageSize', 'page_size']);
const booleans: ReadonlySet<string> = new Set(['includeArtifacts', 'include_artifacts']);

/** An operation's parameters from a query. What is not what it should be stays a text, and the schema refuses it. */
export function readQuery(query: Readonly<Record<string, readonly string[]>>): Record<string, unknown> {
  const params: Record<string, unknown> = {};
  for (const [name, [value = '', ...more]] of Object.entries(query)) {
    if (name === 'A2A-Version' || (value === '' && more.length === 0)) continue;
    if (more.length > 0) throw new A2AError('INVALID_PARAMS', `The query names ${name.slice(0, 64)} more than once`);
    params[name] = readValue(name, value);
  }
  return params;
}

function readValue(name: string, value: string): unknown {
  if (integers.has(name) && /^-?\d{1,9}$/.test(value)) return Number(value);
  if (booleans.has(name) && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}

/** An operation's parameters from a body; an empty one holds none. */
export function readBodyParams(body: Uint8Array, maxDepth: number): Record<string, unknown> {
  if (body.byteLength === 0) return {};
  let params: unknown;
  try {
    params = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw new A2AError('PARSE_ERROR', 'The body is not valid JSON', { cause });
  }
  assertSafeJson(params, maxDepth);
  // What is an object and no list is a record.
  if (typeof params === 'object' && params !== null && !Array.isArray(params)) return params as Record<string, unknown>;
  throw new A2AError('INVALID_REQUEST', 'The body must be a JSON object');
}
