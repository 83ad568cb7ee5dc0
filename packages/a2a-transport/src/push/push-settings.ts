import type { Clock, Logger, Random } from '@skein/contracts/runtime';
import { createGuardedHttp, type GuardedHttp } from '../client/guarded-http.ts';
import type { AllowedTarget } from '../client/target-rules.ts';
import { writePushNotification } from '../dialects/v0-3/push-notification.ts';
import type { TaskStore } from '../tasks/task-store.ts';
import { createPushNotifications, type PushNotificationOptions } from './create-push-notifications.ts';
import { createInMemoryPushConfigStore } from './in-memory-push-config-store.ts';
import type { PushConfigStore } from './push-config-store.ts';
import type { PushNotifications } from './push-notifications.ts';

/** How an agent sends push notifications. */
export interface PushSettings extends PushNotificationOptions {
  /** Where configurations are kept: beside the tasks, so that both survive alike. @default in memory */
  configs?: PushConfigStore;
  /** Receivers beyond https on public addresses. @default none */
  allow?: readonly AllowedTarget[];
  /** How receivers are reached. It is the caller's to close. @default a guarded client of its own */
  http?: GuardedHttp;
}

interface PushSettingsDeps {
  tasks: TaskStore;
  clock: Clock;
  random: Random;
  logger: Logger;
}

/** The service that the settings describe; what it makes for itself it closes. */
export function pushFromSettings(settings: PushSettings, deps: PushSettingsDeps): PushNotifications {
  const { configs = createInMemoryPushConfigStore(), allow, http: given, ...options } = settings;
  const http = given ?? createGuardedHttp({ ...(allow && { allow }) });
  const service = createPushNotifications({ ...deps, configs, http, writeV03: writePushNotification }, options);
  if (given) return service;
  const close = async () => {
    await service.close();
    await http.close();
  };
  return { ...service, close, [Symbol.asyncDispose]: close };
}
