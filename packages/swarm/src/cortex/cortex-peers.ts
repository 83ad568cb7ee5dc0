/**
 * The CortexPrism instances that a node is configured with. One has no key of its own to sign with, so that its id here
 * is made of the secret that lets it in: another secret is another peer, and no node of the swarm can have that id.
 */
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { CortexTarget, DatabaseId, DirectiveId, type DirectiveKind, NodeId } from '@skein/contracts';
import { SwarmError } from '../errors.ts';
import { base32 } from '../security/base32.ts';

/** One instance that may send directives here, get them, or both. */
export interface CortexPeerOptions {
  /** Spelled as a node's name is; directives go to it as `cortex:NAME`. */
  name: string;
  /** The secret segment of its path: 22 to 128 letters, digits, dashes and underscores, from 128 random bits at least. */
  key: string;
  /** What it may send. @default query_resources alone */
  kinds?: readonly DirectiveKind[] | undefined;
  /** Addresses and ranges (10.0.0.0/8) that it calls from. @default any */
  addresses?: readonly string[] | undefined;
  /** Where it takes directives, such as http://127.0.0.1:8787/api/a2a. @default it gets none */
  endpoint?: string | undefined;
  /**
   * The program, on the allow-list, and arguments before the JavaScript that its `execute_task` holds: for example
   * `['/usr/bin/deno', 'eval']`. @default execute_task is refused
   */
  evaluator?: readonly [string, ...string[]] | undefined;
}

/** Which instances of CortexPrism a node speaks with. */
export interface CortexOptions {
  peers: readonly CortexPeerOptions[];
}

/** A peer as the node knows it. */
export interface CortexPeerEntry extends CortexPeerOptions {
  /** As its directives are filed and named: of the form of a node's id. */
  nodeId: NodeId;
}

export interface CortexPeers {
  readonly all: readonly CortexPeerEntry[];
  /** What may be told of them: nothing that is a secret. */
  readonly named: readonly Pick<CortexPeerEntry, 'nodeId' | 'name'>[];
  byId(id: NodeId): CortexPeerEntry | undefined;
  byName(name: string): CortexPeerEntry | undefined;
  /** By `cortex:NAME` or by its id. Errors: UNKNOWN_NODE for a name that is not configured, or one without an endpoint. */
  target(target: NodeId | CortexTarget): CortexPeerEntry | undefined;
}

const KEY = /^[A-Za-z0-9_-]{22,128}$/;

/** Different characters in a key that was drawn: 32 hexadecimal digits have fewer once in 28 million times. */
const FEWEST_DIFFERENT = 8;

/** Errors: INVALID_ARGUMENT. */
export function createCortexPeers({ peers }: CortexOptions = { peers: [] }): CortexPeers {
  const all = peers.map((peer) => ({ ...checked(peer), nodeId: peerId(peer.key) }));
  const ids = new Map(all.map((peer) => [peer.nodeId, peer]));
  const names = new Map(all.map((peer) => [peer.name, peer]));
  if (ids.size < all.length || names.size < all.length)
    throw new SwarmError('INVALID_ARGUMENT', 'each cortex peer has a name and a key of its own');
  return {
    all,
    named: all.map(({ nodeId, name }) => ({ nodeId, name })),
    byId: (id) => ids.get(id),
    byName: (name) => names.get(name),
    target(target) {
      const named = CortexTarget.safeParse(target).success;
      const peer = named ? names.get(target.slice('cortex:'.length)) : all.find(({ nodeId }) => nodeId === target);
      if (!peer && !named) return undefined;
      if (peer?.endpoint !== undefined) return peer;
      const why = peer ? 'has no endpoint here' : 'is not configured here';
      throw new SwarmError('UNKNOWN_NODE', `${target} ${why}; its operator can add it under cortex.peers`);
    },
  };
}

/** Nothing of a key stands in a message. */
function checked(peer: CortexPeerOptions): CortexPeerOptions {
  const wrong = (what: string) => new SwarmError('INVALID_ARGUMENT', `the cortex peer ${peer.name}: ${what}`);
  if (!CortexTarget.safeParse(`cortex:${peer.name}`).success) throw wrong('its name must be spelled as a node’s is');
  if (!KEY.test(peer.key)) throw wrong('its key must have 22 to 128 letters, digits, dashes or underscores');
  if (new Set(peer.key).size < FEWEST_DIFFERENT) throw wrong('its key is too simple to be made by chance');
  if (peer.endpoint !== undefined && !/^https?:/.test(URL.canParse(peer.endpoint) ? peer.endpoint : ''))
    throw wrong('its endpoint must be a URL such as http://127.0.0.1:8787/api/a2a');
  if (peer.endpoint !== undefined && hasCredentials(new URL(peer.endpoint)))
    throw wrong('its endpoint must not hold a user name or a password: they are not sent');
  const address = peer.addresses?.find((entry) => !isAddress(entry));
  if (address !== undefined) throw wrong(`${address} is no address or range such as 10.0.0.0/8`);
  return peer;
}

const hasCredentials = ({ username, password }: URL): boolean => `${username}${password}` !== '';

function isAddress(entry: string): boolean {
  const [address = '', bits, ...rest] = entry.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const peerId = (key: string): NodeId => NodeId.parse(base32(digest(`skein-cortex-peer\n${key}`).subarray(0, 16)));

/** A UUID (version 8) of the text: the same text is the same id. */
function uuidOf(text: string): string {
  const bytes = digest(text).subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Its messageId (`dir_…`) as a directive's id, so that one that comes again is known. */
export const directiveIdOf = (messageId: string): DirectiveId =>
  DirectiveId.parse(uuidOf(`skein-cortex-directive\n${messageId}`));

/** A peer tells of no database; this stands for whatever it keeps. */
export const databaseIdOf = (peer: NodeId): DatabaseId => DatabaseId.parse(uuidOf(`skein-cortex-database\n${peer}`));
