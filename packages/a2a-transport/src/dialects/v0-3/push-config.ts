import type {
  AuthenticationInfo,
  ListPushConfigsParams,
  ListPushConfigsResponse,
  PushConfigParams,
  TaskPushNotificationConfig,
} from '@skein/contracts/a2a';
import { given, type JsonObject, readList, readObject, refuse } from './json.ts';

/**
 * Push configurations. v1.0's is flat and has one authentication scheme; v0.3 nests it beside the task's id, lists the
 * schemes that the receiver takes, and calls the two ids `id` and `pushNotificationConfigId` where it asks for one.
 */
export function writeConfig({ authentication, ...rest }: TaskPushNotificationConfig): JsonObject {
  const { tenant: _, taskId: __, ...own } = rest;
  return { ...own, ...(authentication && { authentication: writeAuthentication(authentication) }) };
}

export function readConfig(value: unknown, where: string): JsonObject {
  const { authentication, ...rest } = readObject(value, where);
  return given({ ...rest, authentication: readAuthentication(authentication, `${where}.authentication`) });
}

/** The params of `set`, and the result of `set` and `get`. */
export function writeTaskConfig(config: TaskPushNotificationConfig): JsonObject {
  const { tenant, taskId } = config;
  return given({ tenant, taskId, pushNotificationConfig: writeConfig(config) });
}

export function readTaskConfig(value: unknown, where: string): JsonObject {
  const { pushNotificationConfig, ...rest } = readObject(value, where);
  return { ...readConfig(pushNotificationConfig, `${where}.pushNotificationConfig`), ...rest };
}

/**
 * v0.3's `set` replaces a configuration. One without an id has its task's, so that it can be set again, and be asked for
 * by the task alone, as `get` allows.
 */
export function readSetParams(value: unknown): JsonObject {
  const config = readTaskConfig(value, 'params');
  return config.id === undefined ? given({ ...config, id: config.taskId }) : config;
}

export function writeConfigParams({ taskId, id, ...rest }: PushConfigParams): JsonObject {
  return { ...rest, id: taskId, pushNotificationConfigId: id };
}

export function readConfigParams(value: unknown): JsonObject {
  const { id: taskId, pushNotificationConfigId: id = taskId, ...rest } = readObject(value, 'params');
  return given({ ...rest, taskId, id });
}

/** v0.3 knows no pages: it lists all. */
export function writeListParams({ taskId, pageSize: _, pageToken: __, ...rest }: ListPushConfigsParams): JsonObject {
  return { ...rest, id: taskId };
}

export function readListParams(value: unknown): JsonObject {
  const { id: taskId, ...rest } = readObject(value, 'params');
  return given({ ...rest, taskId });
}

export function writeConfigList({ configs }: ListPushConfigsResponse): JsonObject[] {
  return configs.map(writeTaskConfig);
}

export function readConfigList(value: unknown): JsonObject {
  return { configs: readList(value, 'result', readTaskConfig), nextPageToken: '' };
}

function writeAuthentication({ scheme, ...rest }: AuthenticationInfo): JsonObject {
  return { schemes: [scheme], ...rest };
}

/** The first of the receiver's schemes. None, and nothing to prove with: as if nothing were said. */
function readAuthentication(value: unknown, where: string): JsonObject | undefined {
  if (value === undefined) return undefined;
  const { schemes = [], ...rest } = readObject(value, where);
  if (!Array.isArray(schemes)) return refuse(`${where}.schemes must be an array`);
  if (schemes.length > 0) return { scheme: schemes[0], ...rest };
  return rest.credentials === undefined
    ? undefined
    : refuse(`${where}.schemes must name the scheme of the credentials`);
}
