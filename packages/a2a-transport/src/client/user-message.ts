import type { SendMessageParams } from '@skein/contracts/a2a';
import type { Random } from '@skein/contracts/runtime';

/** A message as somebody has it in mind: its text, or all that A2A lets one say. */
export type Outgoing = string | SendMessageParams;

/** A text becomes a new message of the user's. */
export function toSendParams(outgoing: Outgoing, random: Random): SendMessageParams {
  if (typeof outgoing !== 'string') return outgoing;
  return { message: { messageId: random.uuid(), role: 'ROLE_USER', parts: [{ text: outgoing }] } };
}
