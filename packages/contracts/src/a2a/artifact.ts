import * as z from 'zod';
import { Part } from './part.ts';

/** What a task brings forth. Its id is unique within the task. */
export const Artifact = z.looseObject({
  artifactId: z.string().min(1),
  name: z.string().optional(),
  description: z.string().optional(),
  parts: z.array(Part).min(1),
  metadata: z.record(z.string(), z.unknown()).optional(),
  /** URIs of the extensions that contributed to this artifact. */
  extensions: z.array(z.string()).optional(),
});
export type Artifact = z.infer<typeof Artifact>;
