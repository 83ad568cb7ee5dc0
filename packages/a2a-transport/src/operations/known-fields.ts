import type { Message, Part } from '@skein/contracts/a2a';

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

/**
 * The message without what A2A has no word for: it comes back in the task's history, and there the schemas are strict.
 * What users put into `metadata` and `data` is theirs.
 */
export function knownMessage(message: Message): Message {
  const parts = message.parts.every((part) => isKnown(part, ofPart))
    ? message.parts
    : message.parts.map((part) => only(part, ofPart));
  if (parts === message.parts && isKnown(message, ofMessage)) return message;
  return { ...only(message, ofMessage), parts };
}

function isKnown(value: Message | Part, fields: ReadonlySet<string>): boolean {
  for (const key in value) if (!fields.has(key)) return false;
  return true;
}

function only<T extends Message | Part>(value: T, fields: ReadonlySet<string>): T {
  // Only fields that the type does not name are left out.
  return Object.fromEntries(Object.entries(value).filter(([key]) => fields.has(key))) as T;
}
