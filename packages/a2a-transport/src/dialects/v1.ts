import type { Dialect } from './dialect.ts';
import { respellParams } from './spelling.ts';

/** A2A v1.0: the words of the model itself. */
export const v1: Dialect = {
  version: '1.0',
  methods: {
    sendMessage: 'SendMessage',
    sendStreamingMessage: 'SendStreamingMessage',
    getTask: 'GetTask',
    listTasks: 'ListTasks',
    cancelTask: 'CancelTask',
    subscribeToTask: 'SubscribeToTask',
    createPushConfig: 'CreateTaskPushNotificationConfig',
    getPushConfig: 'GetTaskPushNotificationConfig',
    listPushConfigs: 'ListTaskPushNotificationConfigs',
    deletePushConfig: 'DeleteTaskPushNotificationConfig',
    getExtendedAgentCard: 'GetExtendedAgentCard',
  },
  server: {
    readParams: (_operation, params) => respellParams(params ?? {}),
    writeResult: (_operation, result) => result,
  },
  client: {
    writeParams: (_operation, params) => params,
    readResult: (_operation, result) => result,
  },
};
