import { TaskState } from '@skein/contracts/a2a';
import { A2AError } from '../errors.ts';
import type { AgentEvent } from './agent-executor.ts';

type Check = (value: unknown) => boolean;
type Shape = Readonly<Record<string, Check>>;

const states: ReadonlySet<unknown> = new Set(TaskState.options);
/** How deep what an agent makes may nest, as what a client sends. */
const MAX_DEPTH = 64;

const isText: Check = (value) => typeof value === 'string';
const isName: Check = (value) => typeof value === 'string' && value !== '';
const isNames: Check = (value) => Array.isArray(value) && value.every(isName);
const isFlag: Check = (value) => typeof value === 'boolean';
const isBase64: Check = (value) =>
  typeof value === 'string' && value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value);
const isData: Check = (value) => isJson(value, MAX_DEPTH);
const isMap: Check = (value) => isObject(value) && isData(value);

const part: Shape = {
  ...{ text: isText, raw: isBase64, url: isName, data: isData },
  ...{ metadata: isMap, filename: isText, mediaType: isText },
};
const message: Shape = {
  ...{ parts: isParts, messageId: isName, metadata: isMap, extensions: isNames, referenceTaskIds: isNames },
};
const artifact: Shape = {
  ...{ parts: isParts, artifactId: isName, name: isText, description: isText, metadata: isMap, extensions: isNames },
};
const status: Shape = { state: (value) => states.has(value), message: (value) => fits(value, message, 'a message') };
const events = {
  message: { message: (value) => fits(value, message, 'a message') },
  artifact: {
    artifact: (value) => fits(value, artifact, 'an artifact'),
    append: isFlag,
    lastChunk: isFlag,
    metadata: isMap,
  },
  status: { status: (value) => fits(value, status, 'a status'), metadata: isMap },
} as const satisfies Record<string, Shape>;

/**
 * What an agent's type forbids a program without types may still yield: no reply may leave that A2A does not allow, and
 * nothing be stored that cannot be told. By hand and not by schema, because it stands in the way of every event.
 */
export function assertAgentEvent(yielded: AgentEvent): void {
  const event: unknown = yielded;
  if (!isObject(event)) throw invalid('an event is an object');
  const kind = 'message' in event ? 'message' : 'artifact' in event ? 'artifact' : 'status';
  if (!(kind in event)) {
    const [key] = Object.keys(event);
    const instead = key === undefined ? '' : `, and this one "${key.slice(0, 64)}"`;
    throw invalid(`an event holds a message, a status or an artifact${instead}`);
  }
  fits(event, events[kind], `an event of a ${kind}`);
  if (event[kind] === undefined) throw invalid('an event holds a message, a status or an artifact');
}

/** True, or the reason is thrown. What is undefined is not there. */
function fits(value: unknown, shape: Shape, what: string): boolean {
  if (!isObject(value)) throw invalid(`${what} is an object`);
  for (const key in value) {
    const content = value[key];
    if (content === undefined) continue;
    if (!Object.hasOwn(shape, key)) throw invalid(`${what} has no "${key.slice(0, 64)}"`);
    if (!shape[key]?.(content)) throw invalid(`${what} cannot hold this ${key}`);
  }
  if (shape.parts && value.parts === undefined) throw invalid(`${what} has parts`);
  if (shape === status && value.state === undefined) throw invalid('a status has a state');
  return true;
}

function isParts(parts: unknown): boolean {
  if (!Array.isArray(parts) || parts.length === 0) throw invalid('there is at least one part');
  for (const each of parts) {
    fits(each, part, 'a part');
    const { text, raw, url, data } = each;
    const contents = [text, raw, url, data].filter((content) => content !== undefined).length;
    if (contents !== 1) throw invalid('a part holds exactly one of text, raw, url, data');
  }
  return true;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether JSON can say it: no cycles, no functions, no numbers beyond it. What knows its own JSON (a Date) may be said. */
function isJson(value: unknown, depthLeft: number): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || depthLeft === 0) return false;
  if (Array.isArray(value)) return value.every((item) => isJson(item, depthLeft - 1));
  if ('toJSON' in value) return true;
  return Object.values(value).every((each) => each === undefined || isJson(each, depthLeft - 1));
}

function invalid(rule: string): A2AError {
  return new A2AError('INVALID_AGENT_RESPONSE', `The agent answered what A2A does not allow: ${rule}`);
}
