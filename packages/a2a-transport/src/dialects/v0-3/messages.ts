import type { Message, Role } from '@skein/contracts/a2a';
import { expectKind, type JsonObject, readList, readObject, refuse } from './json.ts';
import { readPart, writePart } from './parts.ts';

const roles = { ROLE_USER: 'user', ROLE_AGENT: 'agent' } as const satisfies Record<Role, string>;

export function writeMessage({ role, parts, ...rest }: Message): JsonObject {
  return { ...rest, kind: 'message', role: roles[role], parts: parts.map(writePart) };
}

export function readMessage(value: unknown, where: string): JsonObject {
  const { kind, role, parts, ...rest } = readObject(value, where);
  expectKind(kind, 'message', where);
  return { ...rest, role: readRole(role, where), parts: readList(parts, `${where}.parts`, readPart) };
}

/** What an agent answers is the agent's, also where its writer took that for granted. */
export function readAgentMessage(value: unknown, where: string): JsonObject {
  const message = readObject(value, where);
  return readMessage(message.role === undefined ? { ...message, role: 'agent' } : message, where);
}

function readRole(role: unknown, where: string): Role {
  if (role === 'user') return 'ROLE_USER';
  return role === 'agent' ? 'ROLE_AGENT' : refuse(`${where}.role must be "user" or "agent"`);
}
