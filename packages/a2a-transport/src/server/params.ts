import type * as z from 'zod';
import { A2AError } from '../errors.ts';
import { respellParams } from './spelling.ts';

/** Reads an A2A method's parameters, or says which one is wrong. */
export function readParams<Schema extends z.ZodType>(schema: Schema, params: unknown): z.infer<Schema> {
  const read = schema.safeParse(respellParams(params ?? {}));
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  throw new A2AError('INVALID_PARAMS', `Invalid params: ${field ? `${field}: ` : ''}${issue?.message ?? 'malformed'}`, {
    metadata: field ? { field } : {},
  });
}
