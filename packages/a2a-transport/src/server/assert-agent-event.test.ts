import { expect, test } from 'vitest';
import type { AgentEvent } from './agent-executor.ts';
import { assertAgentEvent } from './assert-agent-event.ts';

const parts = [{ text: 'a' }];
const circle: Record<string, unknown> = {};
circle.self = circle;
let deep: unknown = 0;
for (let depth = 0; depth < 70; depth += 1) deep = [deep];

test.each<[name: string, event: unknown]>([
  ['a message', { message: { parts, metadata: { any: [1, null, { b: true }] }, messageId: undefined } }],
  ['a status', { status: { state: 'TASK_STATE_WORKING', message: { parts } }, metadata: {} }],
  [
    'an artifact',
    { artifact: { parts: [{ data: null }, { raw: 'aGk=' }, { url: 'https://a.example' }] }, append: true },
  ],
  ['a date, which knows its JSON', { artifact: { parts: [{ data: { at: new Date(0) } }] } }],
])('%s is taken', (_name, event) => {
  expect(() => assertAgentEvent(event as AgentEvent)).not.toThrow(); // what a program without types may yield
});

test.each<[name: string, event: unknown, rule: RegExp]>([
  ['nothing', undefined, /is an object/],
  ['an empty event', {}, /holds a message, a status or an artifact/],
  ['a part by itself', { text: 'hello' }, /holds a message, a status or an artifact, and this one "text"$/],
  ['what A2A calls an update', { artifactUpdate: {} }, /and this one "artifactUpdate"$/],
  ['a state of another version', { status: { state: 'working' } }, /cannot hold this state/],
  ['a status without a state', { status: {} }, /has a state/],
  ['no parts', { artifact: {} }, /has parts/],
  ['an empty list of parts', { message: { parts: [] } }, /at least one part/],
  ['a part of two contents', { message: { parts: [{ text: 'a', data: 1 }] } }, /exactly one of/],
  ['a part of none', { message: { parts: [{}] } }, /exactly one of/],
  ['a text that is none', { message: { parts: [{ text: 5 }] } }, /cannot hold this text/],
  ['bytes that are no base64', { message: { parts: [{ raw: 'ä' }] } }, /cannot hold this raw/],
  ['an empty URL', { message: { parts: [{ url: '' }] } }, /cannot hold this url/],
  ['a null', { artifact: { parts, name: null } }, /cannot hold this name/],
  ['a key of its own', { artifact: { parts, colour: 'red' } }, /has no "colour"/],
  ['an own role', { message: { parts, role: 'ROLE_USER' } }, /has no "role"/],
  ['a number beyond JSON', { artifact: { parts: [{ data: Number.NaN }] } }, /cannot hold this data/],
  ['a big integer', { artifact: { parts: [{ data: 1n }] } }, /cannot hold this data/],
  ['a circle', { artifact: { parts, metadata: circle } }, /cannot hold this metadata/],
  ['what nests without end', { artifact: { parts: [{ data: deep }] } }, /cannot hold this data/],
])('%s is refused', (_name, event, rule) => {
  expect(() => assertAgentEvent(event as AgentEvent)).toThrow(rule); // what a program without types may yield
});
