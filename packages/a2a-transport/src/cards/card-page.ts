import { createHash } from 'node:crypto';
import type { AgentCard } from '@skein/contracts/a2a';
import { type Clock, deadlineSignal } from '@skein/contracts/runtime';
import { orAborted } from '../client/deadline.ts';
import { type AgentCardSigner, withSignatures } from './sign-card.ts';

/** A card as readers get it: the bytes, and what names them. */
export interface CardPage {
  body: string;
  etag: string;
  /** From which second on the card has been as it is. Two contents never share one. */
  modifiedMs: number;
}

export interface CardPageOptions {
  card: () => AgentCard;
  /** The card in the words of another version. @default as it is */
  translate?: (card: AgentCard) => object;
  signers: readonly AgentCardSigner[];
  clock: Clock;
  /** How long the signers may take, in milliseconds. */
  signTimeoutMs: number;
}

interface Publication {
  content: string;
  page: Promise<CardPage>;
}

/**
 * The card's page, made and signed once for each content. Readers who come while it is being signed wait for the same
 * page; a change in that time begins another page and leaves theirs as it is, so that no body goes under the ETag of
 * another. A page that could not be made is tried again for the next reader.
 */
export function createCardPage(options: CardPageOptions): () => Promise<CardPage> {
  const { clock } = options;
  let current: Publication | undefined;
  let modifiedMs = Number.NEGATIVE_INFINITY;
  return () => {
    const card = options.card();
    const content = JSON.stringify(card);
    if (current?.content === content) return current.page;
    const before = modifiedMs;
    modifiedMs = Math.max(wholeSeconds(clock.now()), before + 1_000);
    const publication = { content, page: makePage(card, modifiedMs, options) };
    current = publication;
    publication.page.catch(() => {
      if (current !== publication) return;
      current = undefined;
      modifiedMs = before; // nobody has seen it
    });
    return publication.page;
  };
}

async function makePage(card: AgentCard, modifiedMs: number, options: CardPageOptions): Promise<CardPage> {
  const { translate, signers, clock, signTimeoutMs } = options;
  const published = translate ? translate({ ...card, signatures: undefined }) : card;
  if (signers.length === 0) return toPage(published, modifiedMs);
  const late = () => new Error(`The agent card was not signed within ${signTimeoutMs} ms`);
  const deadline = deadlineSignal(clock, signTimeoutMs, late);
  try {
    const signing = withSignatures(published, signers, deadline.signal);
    return toPage(await orAborted(signing, deadline.signal), modifiedMs);
  } finally {
    deadline.clear();
  }
}

/** The ETag names the bytes, signatures and all: an ES256 signature is another one each time. */
function toPage(card: object, modifiedMs: number): CardPage {
  const body = JSON.stringify(card);
  return { body, etag: `"${createHash('sha256').update(body).digest('base64url')}"`, modifiedMs };
}

export function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1_000) * 1_000;
}
