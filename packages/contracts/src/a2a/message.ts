import * as z from 'zod';
import { Part } from './part.ts';

/** Who speaks: the client (`ROLE_USER`) or the agent. An unspecified role is refused. */
export const Role = z.enum(['ROLE_USER', 'ROLE_AGENT']);
export type Role = z.infer<typeof Role>;

/** One unit of talk between client and agent. Its maker chooses `messageId`. */
export const Message = z.looseObject({
  messageId: z.string().min(1),
  role: Role,
  parts: z.array(Part).min(1),
  contextId: z.string().optional(),
  taskId: z.string().optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  /** URIs of the extensions that contributed to this message. */
  extensions: z.array(z.string()).optional(),
  referenceTaskIds: z.array(z.string()).optional(),
});
export type Message = z.infer<typeof Message>;
