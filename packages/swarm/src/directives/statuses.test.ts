/** What becomes of a directive has a name each: every status that callers can see comes about, and stays in the book. */
import { DirectiveId, DirectiveStatus, type DispatchInput, isFinal } from '@skein/contracts';
import { expect, test } from 'vitest';
import { createTestRunner, createTestSwarm } from '../testing/index.ts';
import { awaited, startJoined } from '../testing/test-members.ts';

test('every status comes about, and a final one is in the book', async () => {
  await using swarm = await createTestSwarm();
  // Programs end as their argument says, or not before they are killed.
  const runner = createTestRunner(async ([end], signal) => {
    if (end !== undefined) return Number(end);
    return new Promise((_, reject) => signal.addEventListener('abort', reject, { once: true }));
  });
  const policy = { allowedPrograms: ['/bin/echo'] };
  const [sender, receiver] = await startJoined(swarm, {}, { policy, runner, capacity: 8 });
  if (!receiver) throw new Error('two were started');
  const seen = new Set<string>();
  const ends: Record<string, DirectiveStatus | undefined> = {};
  const ids: Record<string, DirectiveId> = {};
  const order = (args: string[], change: Partial<DispatchInput> = {}) =>
    ({
      ...{ kind: 'execute_task', target: receiver.identity.nodeId, payload: { command: ['echo', ...args] } },
      ...change,
    }) as DispatchInput; // only what all kinds share is changed
  const follow = async (name: string, input: DispatchInput) => {
    for await (const update of sender.node.dispatchStream(input)) {
      ids[name] = update.directiveId;
      if (update.type === 'status') seen.add(update.status);
      if (update.type === 'result') ends[name] = update.result.status;
    }
    const stored = await sender.node.getDirective(DirectiveId.parse(ids[name]));
    expect(stored?.directive.status).toBe(ends[name]);
    seen.add(ends[name] ?? '');
  };
  const running = () => swarm.until(() => runner.started.length === started + 1);
  let started = 0;

  await awaited(swarm, follow('completed', order(['0'])));
  await awaited(swarm, follow('failed', order(['3'])));
  await awaited(swarm, follow('timed_out', order([], { ttlMs: 2_000 })));
  await awaited(swarm, follow('rejected', { ...order([]), kind: 'spawn_agent', ...agent }));
  started = runner.started.length;
  const cancelled = follow('cancelled', order([]));
  await running();
  await sender.node.cancelDirective(DirectiveId.parse(ids.cancelled));
  await awaited(swarm, cancelled);
  started = runner.started.length;
  const interrupted = follow('interrupted', order([]));
  await running();
  receiver.kill();
  await (await receiver.restart()).start();
  await awaited(swarm, interrupted);
  started = runner.started.length;
  const unknown = follow('unknown', order([], { ttlMs: 5_000 }));
  await running();
  swarm.http.cut(receiver.origin);
  await awaited(swarm, unknown);

  for (const [name, status] of Object.entries(ends)) expect(status).toBe(name);
  // No node asks for approval yet; that the word would be seen is shown by the lifecycle's own test.
  expect([...seen].sort()).toEqual(DirectiveStatus.options.filter((status) => status !== 'awaiting_approval').sort());
  expect(Object.keys(ends).every(isFinal)).toBe(true);
});

const agent = { payload: { agentType: 'nobody', instruction: 'work', mode: 'wait' } } as const;

test('the priority, the deadline and the parent of a directive stand in both books', async () => {
  await using swarm = await createTestSwarm();
  const [sender, receiver] = await startJoined(swarm, {}, {});
  if (!receiver) throw new Error('two were started');
  const parentDirectiveId = DirectiveId.parse('00000000-0000-4000-8000-000000000001');
  const travel = { priority: 'critical', ttlMs: 33_000, parentDirectiveId } as const;
  const query = { kind: 'query_resources', target: receiver.identity.nodeId, payload: {}, ...travel } as const;
  const { directiveId } = await awaited(swarm, sender.node.dispatch(query));
  const [sent, came] = [
    (await sender.node.getDirective(directiveId, 'outbox'))?.directive,
    (await receiver.node.getDirective(directiveId, 'inbox'))?.directive,
  ];
  for (const view of [sent, came]) {
    expect(view).toMatchObject({ priority: 'critical', parentDirectiveId });
    expect(Date.parse(view?.deadlineAt ?? '') - Date.parse(view?.createdAt ?? '')).toBeLessThanOrEqual(33_000);
    expect(Date.parse(view?.deadlineAt ?? '')).toBeGreaterThan(Date.parse(view?.createdAt ?? ''));
  }
  expect(sent?.ttlMs).toBe(33_000);
});

test('when a directive ended is when it ended, not when it was sent', async () => {
  await using swarm = await createTestSwarm();
  let letGo = () => {};
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const runner = createTestRunner(async () => gate.then(() => 0));
  const [sender, receiver] = await startJoined(swarm, {}, { runner, policy: { allowedPrograms: ['/bin/echo'] } });
  if (!receiver) throw new Error('two were started');
  const { id } = await sender.node.submit({
    ...{ kind: 'execute_task', target: receiver.identity.nodeId, payload: { command: ['echo'] } },
  });
  await swarm.pass(30_000);
  letGo();
  await swarm.until(async () => (await sender.node.getDirective(id))?.directive.status === 'completed');
  const detail = await sender.node.getDirective(id);
  const { createdAt = '', endedAt } = detail?.directive ?? {};
  expect(Date.parse(endedAt ?? '') - Date.parse(createdAt)).toBeGreaterThanOrEqual(30_000);
  expect(detail?.events.at(-1)).toMatchObject({ to: 'completed', at: endedAt });
});
