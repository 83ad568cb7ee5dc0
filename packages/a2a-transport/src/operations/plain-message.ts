import type { SendMessageParams } from '@skein/contracts/a2a';

type Check = (value: unknown) => boolean;

const isName: Check = (value) => typeof value === 'string' && value !== '';
const isTexts: Check = (value) => Array.isArray(value) && value.every((text) => typeof text === 'string');
const isTextParts: Check = (value) => Array.isArray(value) && value.length > 0 && value.every(isTextPart);

const ofParams = new Map<string, Check>([
  ['message', isMessage],
  ['configuration', isConfiguration],
  ['metadata', isObject],
]);
const ofMessage = new Map<string, Check>([
  ['messageId', isName],
  ['contextId', isName],
  ['taskId', isName],
  ['role', (value) => value === 'ROLE_USER' || value === 'ROLE_AGENT'],
  ['parts', isTextParts],
  ['metadata', isObject],
]);
const ofPart = new Map<string, Check>([
  ['text', (value) => typeof value === 'string'],
  ['mediaType', isName],
]);
const ofConfiguration = new Map<string, Check>([
  ['historyLength', (value) => Number.isSafeInteger(value) && Number(value) >= 0],
  ['acceptedOutputModes', isTexts],
  ['returnImmediately', (value) => typeof value === 'boolean'],
]);

/**
 * Whether a message and how it is sent are plainly what the model says they are, in the form in which nearly everybody
 * sends them: parts of text, nothing unknown, nothing to leave out. No is no verdict; the schema gives that, and says
 * what is wrong. By hand, as it stands in the way of every message: the schema and the search for unknown fields take
 * as long as all the rest of a short task.
 */
export function isPlainMessage(params: unknown): params is SendMessageParams {
  return isPlain(params, ofParams) && params.message !== undefined;
}

function isMessage(message: unknown): boolean {
  return isPlain(message, ofMessage) && 'messageId' in message && 'role' in message && 'parts' in message;
}

function isTextPart(part: unknown): boolean {
  return isPlain(part, ofPart) && 'text' in part;
}

function isConfiguration(configuration: unknown): boolean {
  return isPlain(configuration, ofConfiguration);
}

/** Whether each field is known and fits. */
function isPlain(value: unknown, fields: ReadonlyMap<string, Check>): value is Record<string, unknown> {
  if (!isObject(value)) return false;
  for (const key in value) if (!fields.get(key)?.(value[key])) return false;
  return true;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
