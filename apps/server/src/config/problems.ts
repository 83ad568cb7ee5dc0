/** One sentence for each fault of a configuration: the key, what is expected, what stands there instead. */
import type { z } from 'zod';
import { complaintsOf, dotted, valueAt } from '../complaints.ts';
import { didYouMean } from '../near-miss.ts';
import { ConfigShape, SECRET_KEYS } from './config-schema.ts';

const knownKeys: readonly string[] = Object.keys(ConfigShape);
const nestedKeys: Readonly<Record<string, readonly string[]>> = {
  execute: Object.keys(ConfigShape.execute.shape),
  log: Object.keys(ConfigShape.log.shape),
  timing: ['heartbeatIntervalMs', 'sweepIntervalMs'],
};

/** What was written, short enough for a line, and never a secret. */
function shown(value: unknown, key: PropertyKey | undefined): string {
  if (value === undefined || SECRET_KEYS.includes(String(key))) return '';
  const json = JSON.stringify(value);
  return `, not ${json.length > 60 ? `${json.slice(0, 57)}…` : json}`;
}

export function configProblems(error: z.ZodError, input: unknown): string[] {
  return complaintsOf(error, input).map(({ path, message, unknownKey }) => {
    const where = dotted(path);
    if (!unknownKey) return `${where}${where && ': '}${message}${shown(valueAt(input, path), path[0])}`;
    const known = path.length === 1 ? knownKeys : (nestedKeys[String(path[0])] ?? []);
    return `${where} ${message}${didYouMean(String(path.at(-1)), known)}`;
  });
}
