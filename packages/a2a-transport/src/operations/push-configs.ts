import {
  CreatePushConfigParams,
  ListPushConfigsParams,
  type ListPushConfigsResponse,
  PushConfigParams,
  type TaskPushNotificationConfig,
} from '@skein/contracts/a2a';
import { A2AError, taskNotFound } from '../errors.ts';
import type { PushNotifications } from '../push/push-notifications.ts';
import { PUSH_STATUS_EXTENSION, withPushStatus } from '../push/push-status.ts';
import type { MessageHandler } from '../server/message-handler.ts';
import type { CallContext } from '../server/principal.ts';
import { ownerOf } from '../tasks/task-owner.ts';
import type { TaskOwner, TaskStore } from '../tasks/task-store.ts';
import { knownPushConfig } from './known-fields.ts';
import { inTenant, readParams } from './params.ts';
import { assertNotOfExtension } from './task-of-extension.ts';

interface PushConfigDeps {
  /** Absent where the agent sends none, or does not say so in its card. */
  push: () => PushNotifications | undefined;
  tasks: Pick<TaskStore, 'find'>;
  /** Asked for what the store does not have: an extension's task is told as what it is. */
  handler: Pick<MessageHandler, 'getTask'>;
}

interface OwnedTask {
  owner: TaskOwner;
  /** Of its last event. */
  seq: number;
}

/** The four operations on where a task's updates are posted. */
export function pushConfigOperations({ push, tasks, handler }: PushConfigDeps) {
  const required = (): PushNotifications => {
    const service = push();
    if (service) return service;
    throw new A2AError('PUSH_NOTIFICATION_NOT_SUPPORTED', 'This agent sends no push notifications');
  };
  const requireTask = async (taskId: string, context: CallContext, tenant: string | undefined): Promise<OwnedTask> => {
    const within = inTenant(context, tenant);
    const owner = ownerOf(within.principal, within.tenant);
    const found = await tasks.find(owner, taskId);
    if (found) return { owner, seq: found.seq };
    await assertNotOfExtension(taskId, within, handler);
    throw taskNotFound(taskId);
  };

  return {
    async createPushConfig(params: unknown, context: CallContext): Promise<TaskPushNotificationConfig> {
      const service = required();
      const { taskId, tenant, ...config } = readParams(CreatePushConfigParams, params);
      const { owner, seq } = await requireTask(taskId, context, tenant);
      // A loose object without two of its keys is still one; TypeScript loses that through the index signature.
      const given = knownPushConfig(config as TaskPushNotificationConfig);
      service.assertAllowed(given);
      return service.create(owner, taskId, given, { after: seq, protocolVersion: context.protocolVersion });
    },
    async getPushConfig(params: unknown, context: CallContext): Promise<TaskPushNotificationConfig> {
      const service = required();
      const { taskId, id, tenant } = readParams(PushConfigParams, params);
      const { owner } = await requireTask(taskId, context, tenant);
      const found = await service.find(owner, taskId, id);
      if (found) return (await withStatus(service, owner, [found], context))[0] ?? found;
      throw new A2AError('TASK_NOT_FOUND', 'The task has no such push notification configuration', {
        metadata: { taskId, id },
      });
    },
    async listPushConfigs(params: unknown, context: CallContext): Promise<ListPushConfigsResponse> {
      const service = required();
      const read = readParams(ListPushConfigsParams, params);
      const { owner } = await requireTask(read.taskId, context, read.tenant);
      const page = await service.list(owner, read);
      return { ...page, configs: await withStatus(service, owner, page.configs, context) };
    },
    async deletePushConfig(params: unknown, context: CallContext): Promise<Record<string, never>> {
      const service = required();
      const { taskId, id, tenant } = readParams(PushConfigParams, params);
      const { owner } = await requireTask(taskId, context, tenant);
      await service.remove(owner, taskId, id);
      return {};
    },
  };
}

/** With how their deliveries stand beside them, for whoever activated that extension. */
async function withStatus(
  service: PushNotifications,
  owner: TaskOwner,
  configs: readonly TaskPushNotificationConfig[],
  { extensions }: CallContext,
): Promise<TaskPushNotificationConfig[]> {
  const taskId = configs[0]?.taskId;
  if (taskId === undefined || !extensions.has(PUSH_STATUS_EXTENSION)) return [...configs];
  const deliveries = await service.deliveries(owner, taskId);
  return configs.map((config) => withPushStatus(config, deliveries));
}
