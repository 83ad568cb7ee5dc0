/** The exchange that every peer is measured with: ≈ 940 bytes in, ≈ 1.2 KB out, one artifact. */

const words = 'Please compare the three offers that came in this week and say which one is best for us, and why. ';

/** What the user says. */
export const question = words.repeat(6).trim();

/** What the agent makes. */
export const artifact = {
  artifactId: 'artifact-1',
  name: 'comparison',
  text: 'The second offer is best: it is delivered first. ',
} as const;

/** Where the number of a request stands until it is written. */
export const numberSlot = '########';

function userMessage(messageId: string) {
  return {
    messageId,
    role: 'ROLE_USER' as const,
    parts: [{ text: question, mediaType: 'text/plain' }],
    metadata: { locale: 'en-GB', source: 'bench' },
  };
}

/** Parameters of SendMessage and SendStreamingMessage. */
export function sendParams(messageId: string) {
  return {
    message: userMessage(messageId),
    configuration: { acceptedOutputModes: ['text/plain'], historyLength: 10 },
  };
}
