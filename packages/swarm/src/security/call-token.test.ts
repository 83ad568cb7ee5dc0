import { systemRandom } from '@skein/contracts/runtime';
import { createFakeClock } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { SwarmError } from '../errors.ts';
import {
  CALL_TOKEN_LIFETIME_MS,
  type CallTokenRefusal,
  type CallTokenVerifierDeps,
  issueCallToken,
  readClockOffset,
  verifyCallToken,
} from './call-token.ts';
import { createNodeIdentity } from './node-identity.ts';
import { createReplayGuard } from './replay-guard.ts';

const caller = createNodeIdentity();
const stranger = createNodeIdentity();
const receiver = createNodeIdentity();
const body = new TextEncoder().encode('{"jsonrpc":"2.0"}');

function setUp() {
  const clock = createFakeClock();
  const deps: CallTokenVerifierDeps = {
    self: receiver,
    clock,
    replays: createReplayGuard(clock),
    startedAtMs: clock.now(),
    findKey: async (nodeId) => (nodeId === caller.nodeId ? caller.publicKey : undefined),
  };
  const issue = (change: Partial<Parameters<typeof issueCallToken>[1]> = {}, identity = caller) =>
    issueCallToken({ identity, clock }, { audience: receiver.nodeId, body, jti: systemRandom.uuid(), ...change });
  return { clock, deps, issue };
}

/** The same token with one part of its claims changed, and its signature left as it was. */
function tampered(token: string, change: object): string {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const claims = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), ...change };
  return [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
}

/** A token whose header names another algorithm. */
function withAlgorithm(token: string, alg: string): string {
  const [, payload = '', signature = ''] = token.split('.');
  const header = Buffer.from(JSON.stringify({ alg, typ: 'skein-call' })).toString('base64url');
  return [header, payload, alg === 'none' ? '' : signature].join('.');
}

test('a genuine token names its caller', async () => {
  const { deps, issue } = setUp();
  const jti = systemRandom.uuid();
  const verdict = await verifyCallToken(deps, issue({ jti }), body);
  expect(verdict).toEqual({ status: 'genuine', nodeId: caller.nodeId, callId: jti });
});

const refusals: {
  what: string;
  reason: CallTokenRefusal;
  token: (kit: ReturnType<typeof setUp>) => string;
}[] = [
  { what: 'no JWS at all', reason: 'token_malformed', token: () => 'let-me-in' },
  {
    what: 'a token for another receiver',
    reason: 'token_not_for_this_node',
    token: ({ issue }) => issue({ audience: stranger.nodeId }),
  },
  { what: 'a stranger’s token', reason: 'unknown_caller', token: ({ issue }) => issue({}, stranger) },
  {
    what: 'a stranger’s token in the caller’s name',
    reason: 'bad_signature',
    token: ({ issue }) => tampered(issue({}, stranger), { iss: caller.nodeId }),
  },
  {
    what: 'a token with a changed claim',
    reason: 'bad_signature',
    token: ({ issue }) => tampered(issue(), { jti: systemRandom.uuid() }),
  },
  { what: 'alg none', reason: 'bad_signature', token: ({ issue }) => withAlgorithm(issue(), 'none') },
  { what: 'alg HS256', reason: 'bad_signature', token: ({ issue }) => withAlgorithm(issue(), 'HS256') },
  {
    what: 'a token for another body',
    reason: 'body_mismatch',
    token: ({ issue }) => issue({ body: new Uint8Array([1]) }),
  },
  {
    what: 'a token from ten minutes ahead',
    reason: 'clock_skew',
    token: ({ issue }) => issue({ clockOffsetMs: 600_000 }),
  },
  { what: 'a token from a moment ahead', reason: 'clock_skew', token: ({ issue }) => issue({ clockOffsetMs: 1 }) },
  {
    what: 'a token from before the receiver started',
    reason: 'clock_skew',
    token: ({ issue }) => issue({ clockOffsetMs: -1 }),
  },
];

test.each(refusals)('$what is refused as $reason', async ({ reason, token }) => {
  const kit = setUp();
  expect(await verifyCallToken(kit.deps, token(kit), body)).toMatchObject({ status: 'refused', reason });
});

test('an expired token is refused, and so is one that gives itself a longer life', async () => {
  const { clock, deps, issue } = setUp();
  const token = issue();
  await clock.advance(CALL_TOKEN_LIFETIME_MS);
  expect(await verifyCallToken(deps, token, body)).toMatchObject({ reason: 'clock_skew' });
});

test('what one life of the receiver took, no later life takes, whatever the caller’s clock says', async () => {
  for (const clockOffsetMs of [-600_000, -60_000, -4_000, -1, 0, 1, 250, 4_000, 60_000, 600_000]) {
    const { clock, deps, issue } = setUp();
    const token = issue({ clockOffsetMs });
    let taken = 0;
    for (let life = 0; life < 12; life += 1) {
      const verdict = await verifyCallToken(deps, token, body);
      if (verdict.status === 'genuine') taken += 1;
      await clock.advance(life === 0 ? Math.max(500, clockOffsetMs - 2_000) : 500); // to about when it would be timely
      deps.startedAtMs = clock.now() - 400; // a restart, with nothing remembered
      deps.replays = createReplayGuard(clock);
    }
    expect(taken).toBeLessThanOrEqual(1);
  }
});

test('a token works once, however often it comes', async () => {
  const { deps, issue } = setUp();
  const token = issue();
  const verdicts = await Promise.all(Array.from({ length: 10 }, () => verifyCallToken(deps, token, body)));
  expect(verdicts.filter(({ status }) => status === 'genuine')).toHaveLength(1);
  expect(
    verdicts.filter((verdict) => verdict.status === 'refused' && verdict.reason === 'token_replayed'),
  ).toHaveLength(9);
});

test('a clock that is off learns the peer’s time from its signed answer, and from nobody else’s', async () => {
  const { clock, deps, issue } = setUp();
  const jti = systemRandom.uuid();
  const verdict = await verifyCallToken(deps, issue({ jti, clockOffsetMs: 600_000 }), body);
  const time = verdict.status === 'refused' ? (verdict.metadata?.time ?? '') : '';
  const slowClock = createFakeClock(clock.now() - 600_000);
  const isOurs = (id: string) => id === jti;
  expect(readClockOffset(time, { peerKey: receiver.publicKey, clock: slowClock, isOurs })).toBe(600_000);
  expect(() => readClockOffset(time, { peerKey: stranger.publicKey, clock, isOurs })).toThrow(SwarmError);
  expect(() => readClockOffset(time, { peerKey: receiver.publicKey, clock, isOurs: () => false })).toThrow(SwarmError);
});
