import * as z from 'zod';

const contents = ['text', 'raw', 'url', 'data'] as const;

/**
 * One section of a message or artifact. Exactly one of `text`, `raw` (base64), `url` and `data` (any JSON value) is there.
 * @see https://a2a-protocol.org/v1.0.0/specification/ (Part)
 */
export const Part = z
  .looseObject({
    text: z.string().optional(),
    /** Base64, as protobuf's JSON writes bytes; base64url is read too. */
    raw: z.union([z.base64(), z.base64url()]).optional(),
    url: z.string().optional(),
    data: z.unknown().optional(),
    mediaType: z.string().optional(),
    filename: z.string().optional(),
    metadata: z.record(z.string(), z.unknown()).optional(),
  })
  .refine((part) => contents.filter((content) => part[content] !== undefined).length === 1, {
    error: `a part holds exactly one of ${contents.join(', ')}`,
  });
export type Part = z.infer<typeof Part>;
