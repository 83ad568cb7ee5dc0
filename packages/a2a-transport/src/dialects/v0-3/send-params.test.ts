import type { SendMessageConfiguration } from '@skein/contracts/a2a';
import { describe, expect, test } from 'vitest';
import { readSendParams, writeSendParams, writeStreamParams } from './send-params.ts';

const wire = { kind: 'message', messageId: 'm', role: 'user', parts: [{ kind: 'text', text: 'a' }] };
const message = { messageId: 'm', role: 'ROLE_USER' as const, parts: [{ text: 'a' }] };

describe('a call waits unless `blocking` is false', () => {
  test.each([
    { configuration: undefined, means: undefined },
    { configuration: {}, means: {} },
    { configuration: { blocking: null }, means: {} },
    { configuration: { blocking: true }, means: { returnImmediately: false } },
    { configuration: { blocking: false }, means: { returnImmediately: true } },
    {
      configuration: { historyLength: 0, acceptedOutputModes: [] },
      means: { historyLength: 0, acceptedOutputModes: [] },
    },
  ])('$configuration → $means', ({ configuration, means }) => {
    expect(readSendParams({ message: wire, configuration })).toEqual({
      message,
      ...(means && { configuration: means }),
    });
  });
});

describe('a client says whether it waits wherever it says anything', () => {
  test.each<{ configuration: SendMessageConfiguration | undefined; send: unknown; stream: unknown }>([
    { configuration: undefined, send: undefined, stream: undefined },
    { configuration: {}, send: { blocking: true }, stream: {} },
    { configuration: { returnImmediately: false }, send: { blocking: true }, stream: { blocking: true } },
    { configuration: { returnImmediately: true }, send: { blocking: false }, stream: { blocking: false } },
  ])('$configuration → $send', ({ configuration, send, stream }) => {
    const params = { message, ...(configuration && { configuration }) };
    expect(writeSendParams(params)).toEqual({ message: wire, ...(send !== undefined && { configuration: send }) });
    expect(writeStreamParams(params)).toEqual({
      message: wire,
      ...(stream !== undefined && { configuration: stream }),
    });
  });
});

test.each([
  { params: undefined, says: 'params must be an object' },
  { params: [wire], says: 'params must be an object' },
  { params: {}, says: 'message must be an object' },
  { params: { message: wire, configuration: [] }, says: 'configuration must be an object' },
  {
    params: { message: wire, configuration: { blocking: 'no' } },
    says: 'configuration.blocking must be true or false',
  },
  {
    params: { message: wire, configuration: { pushNotificationConfig: 'https://example.com' } },
    says: 'configuration.pushNotificationConfig must be an object',
  },
])('$params is refused: $says', ({ params, says }) => {
  expect(() => readSendParams(params)).toThrow(says);
});
