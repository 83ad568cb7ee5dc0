/** Why something did not complete. */
import { z } from 'zod';

/** `reason` is for programs and never changes; `message` is for people and says what to do. */
export const DirectiveError = z.strictObject({
  reason: z.string().regex(/^[a-z][a-z0-9_]*$/),
  message: z.string(),
  metadata: z.record(z.string(), z.string()).optional(),
});
export type DirectiveError = z.infer<typeof DirectiveError>;
