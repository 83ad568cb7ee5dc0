import type { AgentCard, Message } from '@skein/contracts/a2a';
import { A2AError } from '../errors.ts';

/** What a part says that it is has to be something that the agent, or one of its skills, takes. */
export function assertMediaTypes(
  { parts }: Message,
  card: () => Pick<AgentCard, 'defaultInputModes' | 'skills'>,
): void {
  const { defaultInputModes, skills } = card();
  // As nearly everybody sends them: letter by letter what the card says.
  if (parts.every(({ mediaType }) => !mediaType || defaultInputModes.includes(mediaType))) return;
  const accepted = [...defaultInputModes, ...skills.flatMap(({ inputModes = [] }) => inputModes)];
  if (accepted.length === 0) return; // a card that names none takes what comes
  const refused = parts.find(({ mediaType }) => mediaType && !accepted.some((mode) => matches(mediaType, mode)));
  if (!refused?.mediaType) return;
  throw new A2AError('CONTENT_TYPE_NOT_SUPPORTED', `This agent takes ${[...new Set(accepted)].join(', ')}`, {
    metadata: { mediaType: refused.mediaType.slice(0, 128) },
  });
}

/** Whether a media type is what an input mode names; parameters do not count, and a mode may end in a wildcard. */
function matches(mediaType: string, mode: string): boolean {
  const [type = '', accepted = ''] = [mediaType, mode].map((each) => each.split(';', 1)[0]?.trim().toLowerCase());
  if (accepted === '*/*' || accepted === '*' || type === accepted) return true;
  return accepted.endsWith('/*') && type.startsWith(accepted.slice(0, -1));
}
