import type { Message, Part, TaskPushNotificationConfig } from '@skein/contracts/a2a';
import { A2AError } from '../errors.ts';

const ofMessage: ReadonlySet<string> = new Set([
  'messageId',
  'contextId',
  'taskId',
  'role',
  'parts',
  'metadata',
  'extensions',
  'referenceTaskIds',
]);
const ofPart: ReadonlySet<string> = new Set(['text', 'raw', 'url', 'data', 'metadata', 'filename', 'mediaType']);
const ofPushConfig: ReadonlySet<string> = new Set(['tenant', 'id', 'taskId', 'url', 'token', 'authentication']);
const ofAuthentication: ReadonlySet<string> = new Set(['scheme', 'credentials']);

/**
 * The message as it comes back in the task's history, where the schemas are strict: without what A2A has no word for,
 * without empty texts, which are protobuf's way of leaving out, and with bytes in the base64 that protobuf's JSON
 * writes. What users put into `text`, `metadata` and `data` is theirs.
 */
export function knownMessage(message: Message): Message {
  const parts = message.parts.every(isPlainPart) ? message.parts : message.parts.map(plainPart);
  const named = namesNothing(message.extensions) || namesNothing(message.referenceTaskIds);
  if (parts === message.parts && !named && isPlain(message, ofMessage)) return message;
  const { extensions, referenceTaskIds, ...plain } = only(message, ofMessage);
  // The rest of a loose object keeps its shape; TypeScript loses it through the index signature.
  return {
    ...(plain as Message),
    parts,
    ...(extensions && { extensions: extensions.filter(isNamed) }),
    ...(referenceTaskIds && { referenceTaskIds: referenceTaskIds.filter(isNamed) }),
  };
}

/** Where updates are posted, likewise: it comes back to who asks for it. */
export function knownPushConfig(config: TaskPushNotificationConfig): TaskPushNotificationConfig {
  const { authentication, ...rest } = only(config, ofPushConfig);
  // As above: what is left out may be absent.
  const plain = rest as TaskPushNotificationConfig;
  return authentication ? { ...plain, authentication: only(authentication, ofAuthentication) } : plain;
}

function isPlainPart(part: Part): boolean {
  return isPlain(part, ofPart) && part.url !== '' && (part.raw === undefined || isBase64(part.raw));
}

function plainPart(part: Part, index: number): Part {
  if (part.url === '') throw new A2AError('INVALID_PARAMS', `Invalid params: message.parts.${index}.url: it is empty`);
  const plain = only(part, ofPart);
  return part.raw === undefined ? plain : { ...plain, raw: Buffer.from(part.raw, 'base64url').toString('base64') };
}

/** Whether there is nothing to take away. An empty `text` or `raw` is what the part holds. */
function isPlain(value: Message | Part, fields: ReadonlySet<string>): boolean {
  for (const key in value) if (!fields.has(key) || (value[key] === '' && !isContent(key))) return false;
  return true;
}

function only<T extends Record<string, unknown>>(value: T, fields: ReadonlySet<string>): T {
  // Only fields that the type does not name, or lets be absent, are left out.
  return Object.fromEntries(
    Object.entries(value).filter(([key, content]) => fields.has(key) && (content !== '' || isContent(key))),
  ) as T;
}

function isContent(key: string): boolean {
  return key === 'text' || key === 'raw' || key === 'data';
}

/** Base64 with its padding, and not base64url. The schema has seen to the rest. */
function isBase64(raw: string): boolean {
  return raw.length % 4 === 0 && !raw.includes('-') && !raw.includes('_');
}

function isNamed(name: string): boolean {
  return name !== '';
}

function namesNothing(names: readonly string[] | undefined): boolean {
  return names?.includes('') ?? false;
}
