import type { Part, SendMessageResponse, Task } from '@skein/contracts/a2a';

/** What an agent answered in plain text: of its message, or of what its task made and, without that, of what it says. */
export function textOf(answer: SendMessageResponse): string {
  if ('message' in answer) return textOfParts(answer.message.parts);
  const { artifacts = [], status }: Task = answer.task;
  const made = artifacts.map(({ parts }) => textOfParts(parts)).filter((text) => text !== '');
  return made.length > 0 ? made.join('\n') : textOfParts(status.message?.parts ?? []);
}

/** Texts that were streamed piece by piece are one text. */
function textOfParts(parts: readonly Part[]): string {
  return parts.map(({ text }) => text ?? '').join('');
}
