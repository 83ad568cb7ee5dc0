import { type DirectiveId, DirectiveId as DirectiveIdSchema, type NodeId, type SwarmEvent } from '@skein/contracts';
import { createEmitter, systemRandom } from '@skein/contracts/runtime';
import { expect, test } from 'vitest';
import { createNodeIdentity } from '../security/node-identity.ts';
import { watchReturns } from './returns.ts';

const [peer, stranger] = [createNodeIdentity().nodeId, createNodeIdentity().nodeId];
const newId = () => DirectiveIdSchema.parse(systemRandom.uuid());

function watched() {
  const events = createEmitter<SwarmEvent>(() => {});
  const hastened: DirectiveId[][] = [];
  const returns = watchReturns({ events, hasten: (ids) => void hastened.push([...ids]) });
  return { events, hastened, returns };
}

const admitted = (nodeId: NodeId): SwarmEvent => ({ type: 'node.admitted', nodeId, name: 'peer', incarnation: 2 });
const turned = (nodeId: NodeId, to: 'online' | 'offline'): SwarmEvent => ({
  ...{ type: 'node.liveness_changed', nodeId, from: 'suspect', to, incarnation: 1 },
});
const failed = (nodeId: NodeId): SwarmEvent => ({ type: 'heartbeat.failed', nodeId, reason: 'unreachable' });
const answered = (nodeId: NodeId): SwarmEvent => ({ type: 'heartbeat.answered', nodeId });

test.each<{ name: string; heard: SwarmEvent[]; shows: boolean }>([
  { name: 'a new life', heard: [admitted(peer)], shows: true },
  { name: 'that it is online again', heard: [turned(peer, 'online')], shows: true },
  { name: 'an answered heartbeat after one that was not', heard: [failed(peer), answered(peer)], shows: true },
  { name: 'an answered heartbeat like those before', heard: [answered(peer)], shows: false },
  { name: 'that it is offline', heard: [turned(peer, 'offline')], shows: false },
  { name: 'another node', heard: [admitted(stranger), failed(stranger), answered(stranger)], shows: false },
])('after $name: what found nobody there is sent at once: $shows', ({ heard, shows }) => {
  const { events, hastened, returns } = watched();
  const id = newId();
  returns.noteAway({ id, targetNodeId: peer });
  for (const event of heard) events.emit(event);
  expect(hastened).toEqual(shows ? [[id]] : []);
});

test('each is hastened once for each time that it found nobody there', () => {
  const { events, hastened, returns } = watched();
  const id = newId();
  for (let n = 0; n < 3; n += 1) returns.noteAway({ id, targetNodeId: peer });
  for (let n = 0; n < 3; n += 1) events.emit(admitted(peer));
  expect(hastened).toEqual([[id]]);
});

test('of very many no more are remembered than are sent together, and of a removed node none', () => {
  const { events, hastened, returns } = watched();
  for (let n = 0; n < 1_000; n += 1) returns.noteAway({ id: newId(), targetNodeId: peer });
  returns.noteAway({ id: newId(), targetNodeId: stranger });
  events.emit({ type: 'node.removed', nodeId: stranger, name: 'stranger' });
  for (const nodeId of [peer, stranger]) events.emit(admitted(nodeId));
  expect(hastened.map(({ length }) => length)).toEqual([500]);
});

test('once it is stopped it hears nothing', () => {
  const { events, hastened, returns } = watched();
  returns.noteAway({ id: newId(), targetNodeId: peer });
  returns.stop();
  events.emit(admitted(peer));
  expect(hastened).toEqual([]);
});
