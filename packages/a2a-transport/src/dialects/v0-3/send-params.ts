import type { SendMessageConfiguration, SendMessageParams } from '@skein/contracts/a2a';
import { given, type JsonObject, readObject, refuse } from './json.ts';
import { readMessage, writeMessage } from './messages.ts';
import { readConfig, writeConfig } from './push-config.ts';

/**
 * The params of `message/send` and `message/stream`.
 *
 * v0.3's `blocking` is the opposite of `returnImmediately`. Its specification gives no default: the servers of v0.3's own
 * SDKs (JavaScript, Python) wait unless it is false, and so do we, as v1.0 does. The v0.3 mode of the v1.0 SDK does not
 * wait where there is a configuration without it, so as a client we never leave it out of one.
 */
export function writeSendParams({ message, configuration, ...rest }: SendMessageParams): JsonObject {
  return writeParams({ message, configuration, ...rest }, { blocking: !configuration?.returnImmediately });
}

/** A stream tells everything at once: `blocking` says nothing to it. */
export function writeStreamParams(params: SendMessageParams): JsonObject {
  const returnImmediately = params.configuration?.returnImmediately;
  return writeParams(params, returnImmediately === undefined ? {} : { blocking: !returnImmediately });
}

export function readSendParams(value: unknown): JsonObject {
  const { message, configuration, ...rest } = readObject(value, 'params');
  return given({
    ...rest,
    message: readMessage(message, 'message'),
    configuration: configuration === undefined ? undefined : readConfiguration(configuration),
  });
}

function writeParams({ message, configuration, ...rest }: SendMessageParams, blocking: JsonObject): JsonObject {
  return given({
    ...rest,
    message: writeMessage(message),
    configuration: configuration && { ...writeConfiguration(configuration), ...blocking },
  });
}

function writeConfiguration(configuration: SendMessageConfiguration): JsonObject {
  const { returnImmediately: _, taskPushNotificationConfig: push, ...rest } = configuration;
  return given({ ...rest, pushNotificationConfig: push && writeConfig(push) });
}

function readConfiguration(value: unknown): JsonObject {
  const where = 'configuration';
  const { blocking, pushNotificationConfig: push, ...rest } = readObject(value, where);
  if (blocking !== undefined && typeof blocking !== 'boolean') return refuse(`${where}.blocking must be true or false`);
  return given({
    ...rest,
    returnImmediately: blocking === undefined ? undefined : !blocking,
    taskPushNotificationConfig: push === undefined ? undefined : readConfig(push, `${where}.pushNotificationConfig`),
  });
}
