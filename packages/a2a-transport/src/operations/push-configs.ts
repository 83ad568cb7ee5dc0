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
import type { CallContext } from '../server/principal.ts';
import { ownerOf } from '../tasks/task-owner.ts';
import type { StoredTask, TaskOwner, TaskStore } from '../tasks/task-store.ts';
import { knownPushConfig } from './known-fields.ts';
import { inTenant, readParams } from './params.ts';

interface PushConfigDeps {
  /** Absent where the agent sends none, or does not say so in its card. */
  push: () => PushNotifications | undefined;
  tasks: Pick<TaskStore, 'find'>;
}

/** The four operations on where a task's updates are posted. */
export function pushConfigOperations({ push, tasks }: PushConfigDeps) {
  const required = (): PushNotifications => {
    const service = push();
    if (service) return service;
    throw new A2AError('PUSH_NOTIFICATION_NOT_SUPPORTED', 'This agent sends no push notifications');
  };
  const requireTask = async (owner: TaskOwner, taskId: string): Promise<StoredTask> => {
    const found = await tasks.find(owner, taskId);
    if (!found) throw taskNotFound(taskId);
    return found;
  };
  const ownerIn = (context: CallContext, tenant: string | undefined) => {
    const { principal, tenant: named } = inTenant(context, tenant);
    return ownerOf(principal, named);
  };

  return {
    async createPushConfig(params: unknown, context: CallContext): Promise<TaskPushNotificationConfig> {
      const service = required();
      const { taskId, tenant, ...config } = readParams(CreatePushConfigParams, params);
      const owner = ownerIn(context, tenant);
      const { seq } = await requireTask(owner, taskId);
      // A loose object without two of its keys is still one; TypeScript loses that through the index signature.
      const given = knownPushConfig(config as TaskPushNotificationConfig);
      service.assertAllowed(given);
      return service.create(owner, taskId, given, { after: seq, protocolVersion: context.protocolVersion });
    },
    async getPushConfig(params: unknown, context: CallContext): Promise<TaskPushNotificationConfig> {
      const service = required();
      const { taskId, id, tenant } = readParams(PushConfigParams, params);
      const owner = ownerIn(context, tenant);
      await requireTask(owner, taskId);
      const found = await service.find(owner, taskId, id);
      if (found) return (await withStatus(service, owner, [found], context))[0] ?? found;
      throw new A2AError('TASK_NOT_FOUND', 'The task has no such push notification configuration', {
        metadata: { taskId, id },
      });
    },
    async listPushConfigs(params: unknown, context: CallContext): Promise<ListPushConfigsResponse> {
      const service = required();
      const read = readParams(ListPushConfigsParams, params);
      const owner = ownerIn(context, read.tenant);
      await requireTask(owner, read.taskId);
      const page = await service.list(owner, read);
      return { ...page, configs: await withStatus(service, owner, page.configs, context) };
    },
    async deletePushConfig(params: unknown, context: CallContext): Promise<Record<string, never>> {
      const service = required();
      const { taskId, id, tenant } = readParams(PushConfigParams, params);
      const owner = ownerIn(context, tenant);
      await requireTask(owner, taskId);
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
