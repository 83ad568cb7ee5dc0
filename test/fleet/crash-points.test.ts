/**
 * SIGKILL of the sender or the receiver at each named point of a directive's way: after the restart both books agree on
 * a final state, and what may run at most once has not run twice.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DirectiveView, type EffectClass } from '@skein/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { directivesOf, Fleet, type FleetNode, finalRow, joinTokenOf, online, rowOf } from './fleet.ts';

const TEE = '/usr/bin/tee';
/** Long enough for a node to start on a busy machine: what is tried here is the crash, not the deadline. */
const TTL_MS = 60_000;
/** The promise: everything is settled within the TTL and 120 s of the last fault. */
const SETTLED_WITHIN_MS = TTL_MS + 120_000;

const points = [
  { at: 'sender: stored, its id not told', ends: ['completed'] },
  { at: 'sender: attempt committed, nothing sent', ends: ['completed'] },
  { at: 'sender: sent, answer not read', ends: ['completed'] },
  { at: 'sender: acceptance heard, not stored', ends: ['completed'] },
  { at: 'sender: acceptance stored', ends: ['completed'] },
  { at: 'sender: result heard, not stored', ends: ['completed'] },
  { at: 'sender: result stored, not acknowledged', ends: ['completed'] },
  { at: 'sender: result acknowledged, not noted', ends: ['completed'] },
  { at: 'receiver: arrived, not stored', ends: ['completed'] },
  { at: 'receiver: stored, not answered', ends: ['completed'] },
  { at: 'receiver: leased', ends: ['completed'] },
  { at: 'receiver: start committed, nothing spawned', ends: { amo: ['interrupted'], alo: ['completed'] } },
  { at: 'receiver: the program is running', ends: { amo: ['interrupted'], alo: ['completed'] } },
  { at: 'receiver: ended, not stored', ends: { amo: ['interrupted'], alo: ['completed'] } },
  { at: 'receiver: end stored, not told', ends: ['completed'] },
] as const;

const fleet = new Fleet();
let sender: FleetNode;
let receiver: FleetNode;
const startSender = () => fleet.start({ name: 'sender' });
const startReceiver = (joinToken?: string) =>
  fleet.start({ name: 'receiver', seeds: [sender.address], programs: [TEE], ...(joinToken && { joinToken }) });

beforeAll(async () => {
  sender = await startSender();
  receiver = await startReceiver(await joinTokenOf(sender));
  await online(sender, receiver);
});
afterAll(() => fleet[Symbol.asyncDispose]());

/** Every point for what may start once; where it ends otherwise for what may start again, that too. */
const runs = points.flatMap(({ at, ends }) =>
  'amo' in ends
    ? (['amo', 'alo'] as const).map((effect) => ({ at, effect, ends: ends[effect] }))
    : [{ at, effect: 'amo' as const, ends }],
);

test.each(runs)(
  'killed at "$at", $effect work ends the same in both books',
  async ({ at, effect, ends }) => {
    const file = `effect-${at.replaceAll(/[^a-z]+/g, '-')}-${effect}`;
    const victim = at.startsWith('sender') ? sender : receiver;
    await victim.arm(at);
    await submit(file, effect);
    await victim.ended();
    if (victim === sender) sender = await startSender();
    else receiver = await startReceiver();

    const { id } = await sentFor(file);
    const outbox = await finalRow(sender, id, 'outbox', SETTLED_WITHIN_MS);
    const inbox = await rowOf(receiver, id, 'inbox');
    expect(ends).toContain(outbox.state);
    expect(inbox?.state).toBe(outbox.state);
    expect(inbox?.result).toEqual(outbox.result);
    const path = join(receiver.workFolder, file);
    const effects = existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean).length : 0;
    if (effect === 'amo') expect(effects).toBeLessThanOrEqual(1);
    if (outbox.state === 'completed') expect(effects).toBeGreaterThanOrEqual(1);
    expect(inbox?.attempts).toBeLessThanOrEqual(effect === 'amo' ? 1 : 3);
  },
  SETTLED_WITHIN_MS + 30_000,
);

/** The sender may die before it answers: then nobody knows the id, and its book must. */
async function submit(file: string, effect: EffectClass): Promise<void> {
  const payload = { command: [TEE, '-a', file], stdin: 'done\n' };
  const body = { kind: 'execute_task', target: receiver.nodeId, payload, effect, ttlMs: TTL_MS };
  const reply = await sender.post('/directives', body).catch(() => undefined);
  if (reply) z.object({ directive: DirectiveView }).parse(await reply.json());
}

async function sentFor(file: string): Promise<DirectiveView> {
  const sent = await directivesOf(sender);
  const found = sent.find(({ side, payload }) => side === 'outbox' && JSON.stringify(payload).includes(file));
  if (!found) throw new Error(`the sender's book has no directive for ${file}`);
  return found;
}
