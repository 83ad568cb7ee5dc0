import type * as z from 'zod';
import { A2AError } from '../errors.ts';
import type { CallContext } from '../server/principal.ts';

/** Wrong parameters that one answer names. */
const MAX_VIOLATIONS = 10;

/** Reads an operation's parameters, or says which one is wrong. */
export function readParams<Schema extends z.ZodType>(schema: Schema, params: unknown): z.infer<Schema> {
  const read = schema.safeParse(params ?? {});
  if (read.success) return read.data;
  const fieldViolations = read.error.issues.slice(0, MAX_VIOLATIONS).map(({ path, message }) => ({
    field: path.join('.'),
    description: message,
  }));
  const { field = '', description = 'malformed' } = fieldViolations[0] ?? {};
  throw new A2AError('INVALID_PARAMS', `Invalid params: ${field ? `${field}: ` : ''}${description}`, {
    metadata: field ? { field } : {},
    fieldViolations,
  });
}

/** The call as one for this tenant. The path may have named it already; then both say the same. */
export function inTenant(context: CallContext, tenant: string | undefined): CallContext {
  if (!tenant || tenant === context.tenant) return context;
  if (context.tenant) throw new A2AError('INVALID_PARAMS', 'The tenant is not the one of the path');
  const { principal, extensions, lastEventId, protocolVersion } = context;
  return {
    ...{ principal, extensions, lastEventId, protocolVersion, tenant },
    get signal() {
      return context.signal;
    },
  };
}
