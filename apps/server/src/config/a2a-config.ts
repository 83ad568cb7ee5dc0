/** What a node can be told of how it speaks A2A with those who bring no directives. */
import type { AllowedTarget } from '@skein/a2a-transport';
import { z } from 'zod';
import { hasCredentials, isAddress } from './cortex-config.ts';

function isOrigin(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href;
}

export const PushTargetConfig = z.strictObject({
  /** Whatever resolves into this block. */
  addresses: z.string().refine(isAddress, 'expected an address or a range such as 10.0.0.0/8'),
  /** @default 443 */
  ports: z.array(z.int().min(1).max(65_535)).min(1).max(64).optional(),
  /** Whether plain http will do. @default https alone */
  plainHttp: z.boolean().optional(),
});

const expected =
  'expected an origin such as http://127.0.0.1:4000, a range such as 10.0.0.0/8, or { addresses, ports, plainHttp }';

const PushTarget = z.union(
  [
    z
      .string()
      .refine((text) => !hasCredentials(text), 'an origin has no user name and no password')
      .refine((text) => isOrigin(text) || isAddress(text), expected),
    PushTargetConfig,
  ],
  expected,
);
type PushTarget = z.infer<typeof PushTarget>;

export const A2AConfig = z.strictObject({
  push: z.strictObject({
    /** Receivers of push notifications beyond https on public addresses. @default none */
    allow: z.array(PushTarget).max(64),
  }),
  /** Whether the HTTP+JSON binding is served, at /a2a/rest. */
  httpJson: z.boolean(),
  /** Whether A2A v0.3 is spoken beside v1.0. */
  v03: z.boolean(),
});

/** As the transport knows it. */
export function allowedTarget(target: PushTarget): AllowedTarget {
  if (typeof target === 'string') return isAddress(target) ? { addresses: target } : { origin: target };
  const { addresses, ports, plainHttp } = target;
  return { addresses, ...(ports && { ports }), ...(plainHttp !== undefined && { plainHttp }) };
}
