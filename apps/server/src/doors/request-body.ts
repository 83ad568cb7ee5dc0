/** Takes what a caller sent and hands on what a schema made of it, or says field by field what is wrong. */
import { A2AError, assertSafeJson, MAX_JSON_DEPTH, readBody } from '@skein/a2a-transport';
import type { Context } from 'hono';
import { z } from 'zod';
import { complaintsOf, dotted } from '../complaints.ts';
import { Refusal } from './refusal.ts';

const MAX_BODY_BYTES = 1_048_576;

/** The body as the schema reads it. An absent body stands for `{}` where the schema can fill everything in. */
export async function parseBody<S extends z.ZodType>(c: Context, schema: S): Promise<z.output<S>> {
  const body = await readBody(c.req.raw, MAX_BODY_BYTES);
  if (body.status === 'too_large')
    throw new Refusal(413, 'body_too_large', `a body has at most ${MAX_BODY_BYTES} bytes`);
  const text = new TextDecoder().decode(body.bytes);
  let json: unknown = {};
  if (text.trim() !== '') {
    try {
      json = JSON.parse(text);
    } catch (cause) {
      const said = cause instanceof Error ? cause.message : 'it cannot be read';
      throw new Refusal(400, 'body_not_json', `the body is not JSON: ${said}`, { cause });
    }
  }
  refuseUnsafe(json);
  return parse(schema, json, 'body');
}

/** What this door lets in travels on as A2A, so it asks what that door asks. */
function refuseUnsafe(json: unknown): void {
  try {
    assertSafeJson(json, MAX_JSON_DEPTH);
  } catch (cause) {
    if (!(cause instanceof A2AError)) throw cause;
    throw new Refusal(400, 'body_not_safe', `the body cannot be taken: ${cause.message}`, { cause });
  }
}

export function parseQuery<S extends z.ZodType>(c: Context, schema: S): z.output<S> {
  return parse(schema, c.req.query(), 'query');
}

/** For routes that take no query: a misspelt or misplaced key is told, not ignored. */
export function refuseQuery(c: Context): void {
  parseQuery(c, z.strictObject({}));
}

export function parseParameter<S extends z.ZodType>(value: string, schema: S, name: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [complaint] = complaintsOf(parsed.error, value);
  throw new Refusal(400, 'invalid_argument', `${name}: ${complaint?.message}`, { metadata: { field: name } });
}

function parse<S extends z.ZodType>(schema: S, input: unknown, where: 'body' | 'query'): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const complaints = complaintsOf(parsed.error, input);
  const told = complaints.map(({ path, message, unknownKey }) => {
    const field = dotted(path);
    return field === '' ? `the ${where}: ${message}` : `${field}${unknownKey ? ' ' : ': '}${message}`;
  });
  const fields = complaints.map(({ path }) => dotted(path)).filter((field) => field !== '');
  throw new Refusal(400, 'invalid_argument', told.join('; '), {
    ...(fields.length > 0 && { metadata: { fields: fields.join(', ') } }),
  });
}
