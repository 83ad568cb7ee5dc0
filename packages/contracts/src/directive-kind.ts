import { z } from 'zod';

/** The five orders that one node can give another. */
export const DirectiveKind = z.enum([
  'execute_task',
  'spawn_agent',
  'query_resources',
  'forward_message',
  'sync_state',
]);
export type DirectiveKind = z.infer<typeof DirectiveKind>;
