/** How much mail may wait on a node, so that what nobody reads does not fill the disk. Acknowledged mail does not count. */
import type { Message } from '@skein/contracts/a2a';

/** What waits: in one mailbox, and on the whole node. Bytes are those of messages as JSON text, in UTF-8. */
export interface MailLoad {
  messages: number;
  bytes: number;
  node: { messages: number; bytes: number; mailboxes: number };
}

/** Of one mailbox: what comes beyond this is refused. */
export const MAX_WAITING_MAIL = 10_000;
/** Of one mailbox: 64 MiB. */
export const MAX_MAILBOX_BYTES = 67_108_864;
/** Of all mailboxes of a node together: 512 MiB. */
export const MAX_MAIL_BYTES = 536_870_912;
/** Of all mailboxes of a node together. */
export const MAX_MAIL_ON_NODE = 100_000;
/** Any name of a session makes a mailbox: so many of a node may hold mail that waits. */
export const MAX_MAILBOXES = 10_000;

export function mailBytes(message: Message): number {
  return Buffer.byteLength(JSON.stringify(message));
}

/** Why no message of that size goes in any more; undefined where it does. */
export function whyMailboxFull({ messages, bytes, node }: MailLoad, size: number): string | undefined {
  if (messages >= MAX_WAITING_MAIL) return `${messages} messages wait in that mailbox, and no more may`;
  if (bytes + size > MAX_MAILBOX_BYTES) return `${bytes} bytes wait in that mailbox, of at most ${MAX_MAILBOX_BYTES}`;
  if (messages === 0 && node.mailboxes >= MAX_MAILBOXES)
    return `mail waits in ${node.mailboxes} mailboxes of this node, and in no more it may`;
  if (node.messages >= MAX_MAIL_ON_NODE) return `${node.messages} messages wait on this node, and no more may`;
  if (node.bytes + size > MAX_MAIL_BYTES)
    return `${node.bytes} bytes of mail wait on this node, of at most ${MAX_MAIL_BYTES}`;
  return undefined;
}

/** How much mail one page brings at most: 4 MiB, but never less than one message. */
const MAX_PAGE_BYTES = 4_194_304;

/** How many of these, from the first on, one page brings. */
export function countOfPage(sizes: readonly number[]): number {
  let bytes = 0;
  const tooFar = sizes.findIndex((size, index) => {
    bytes += size;
    return index > 0 && bytes > MAX_PAGE_BYTES;
  });
  return tooFar === -1 ? sizes.length : tooFar;
}
