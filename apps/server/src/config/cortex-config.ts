/** What a node can be told of one instance of CortexPrism that it speaks with. */
import { isIP } from 'node:net';
import { DirectiveKind, NodeName } from '@skein/contracts';
import { z } from 'zod';

const noNul = z.string().refine((text) => !text.includes('\0'), 'must not contain NUL');

/** An address, or a range of them. */
export function isAddress(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** Whether the URL names a user, with a password or without. */
export function hasCredentials(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && `${url.username}${url.password}` !== '';
}

export const CortexPeerConfig = z.strictObject({
  /** Directives go to it as `cortex:NAME`. */
  name: NodeName,
  /** The secret segment of its path, /cortex/KEY. */
  key: z
    .string()
    .regex(/^[A-Za-z0-9_-]{22,128}$/, 'expected 22 to 128 letters, digits, dashes or underscores, made by chance')
    .refine(
      (key) => new Set(key).size >= 8,
      'is too simple to be made by chance: take what `openssl rand -hex 32` prints',
    ),
  /** What it may send. @default query_resources alone */
  kinds: z.array(DirectiveKind).optional(),
  /** Where it calls from. @default anywhere */
  addresses: z
    .array(z.string().refine(isAddress, 'expected an address or a range such as 10.0.0.0/8'))
    .min(1)
    .optional(),
  /** Where it takes directives. @default it gets none */
  endpoint: z
    .url({ protocol: /^https?$/, error: 'expected a URL such as http://127.0.0.1:8787/api/a2a' })
    .refine((url) => !hasCredentials(url), 'must not hold a user name or a password: they are not sent')
    .optional(),
  /** A program on the allow-list and what stands before the JavaScript of its execute_task. @default it is refused */
  evaluator: z
    .tuple([noNul.startsWith('/', 'expected an absolute path: programs are never looked up on PATH')], noNul)
    .optional(),
});

/** A name says which peer is meant, and a key which one calls. */
function refuseRepetitions(peers: readonly z.infer<typeof CortexPeerConfig>[], context: z.RefinementCtx): void {
  for (const field of ['name', 'key'] as const) {
    for (const [n, peer] of peers.entries()) {
      const first = peers.findIndex((other) => other[field] === peer[field]);
      if (first === n) continue;
      const message = `must be another than that of cortex.peers[${first}]: each peer has its own`;
      context.addIssue({ code: 'custom', path: [n, field], message });
    }
  }
}

export const CortexConfig = z.strictObject({
  peers: z
    .array(CortexPeerConfig, 'expected a list of peers, each with a name and a key')
    .max(64)
    .superRefine(refuseRepetitions),
});
