/** One sentence for each fault of a configuration: the key, what is expected, what stands there instead. */
import type { z } from 'zod';
import { complaintsOf, dotted, valueAt } from '../complaints.ts';
import { didYouMean } from '../near-miss.ts';
import { A2AConfig, PushTargetConfig } from './a2a-config.ts';
import { AgentConfig } from './agent-config.ts';
import { ConfigShape, isSecret } from './config-schema.ts';
import { CortexPeerConfig } from './cortex-config.ts';

const knownKeys: readonly string[] = Object.keys(ConfigShape);
const nestedKeys: Readonly<Record<string, readonly string[]>> = {
  execute: Object.keys(ConfigShape.execute.shape),
  shutdown: Object.keys(ConfigShape.shutdown.shape),
  cortex: Object.keys(ConfigShape.cortex.shape),
  a2a: Object.keys(A2AConfig.shape),
  log: Object.keys(ConfigShape.log.shape),
  timing: ['heartbeatIntervalMs', 'sweepIntervalMs'],
};
const agentKeys: readonly string[] = Object.keys(AgentConfig.shape);
const cortexPeerKeys: readonly string[] = Object.keys(CortexPeerConfig.shape);
const pushKeys: readonly string[] = Object.keys(A2AConfig.shape.push.shape);
const pushTargetKeys: readonly string[] = Object.keys(PushTargetConfig.shape);
const keysWithinAgent: Readonly<Record<string, readonly string[]>> = {
  limits: ['timeoutMs', 'memoryBytes', 'outputBytes'],
  restart: ['budget', 'delayMs'],
};

/** What could have been meant by a key. */
function keysBeside(path: readonly PropertyKey[]): readonly string[] {
  const [first, , third] = path;
  if (path.length === 1) return knownKeys;
  if (first === 'cortex' && path.length === 4) return cortexPeerKeys;
  if (first === 'a2a' && path.length > 2) return path.length === 3 ? pushKeys : pushTargetKeys;
  if (first !== 'agents') return nestedKeys[String(first)] ?? [];
  return path.length === 3 ? agentKeys : (keysWithinAgent[String(third)] ?? []);
}

/** A user name or a password in a URL, wherever it stands: also in one that is none for want of something else. */
const holdsCredentials = (value: unknown): boolean => /:\/\/[^/\s"]*@/.test(JSON.stringify(value));

/** What was written, short enough for a line, and never a secret. */
function shown(value: unknown, path: readonly PropertyKey[]): string {
  if (value === undefined || isSecret(path) || holdsCredentials(value)) return '';
  const json = JSON.stringify(value);
  return `, not ${json.length > 60 ? `${json.slice(0, 57)}…` : json}`;
}

export function configProblems(error: z.ZodError, input: unknown): string[] {
  return complaintsOf(error, input).map(({ path, message, unknownKey }) => {
    const where = dotted(path);
    if (!unknownKey) return `${where}${where && ': '}${message}${shown(valueAt(input, path), path)}`;
    return `${where} ${message}${didYouMean(String(path.at(-1)), keysBeside(path))}`;
  });
}
