import { A2AClientError, A2AError } from '../../errors.ts';
import type { OperationName, Operations } from '../../operations/operation.ts';
import type { Dialect } from '../dialect.ts';
import { readCard, writeCard } from './card.ts';
import { endsStream, readEvent, writeEvent } from './events.ts';
import { type JsonObject, readObject } from './json.ts';
import {
  readConfigList,
  readConfigParams,
  readListParams,
  readSetParams,
  readTaskConfig,
  writeConfigList,
  writeConfigParams,
  writeListParams,
  writeTaskConfig,
} from './push-config.ts';
import { readSendParams, writeSendParams, writeStreamParams } from './send-params.ts';
import { readTask, writeTask } from './tasks.ts';

/** How one operation is said in v0.3, in all four directions. */
interface Wording<Name extends OperationName> {
  method: string;
  readParams(params: unknown): unknown;
  writeParams(params: Operations[Name]['params']): unknown;
  readResult(result: unknown): unknown;
  writeResult(result: Operations[Name]['result']): unknown;
}

/** The same in both: `{ id, historyLength?, metadata? }`. */
const sameParams = { readParams: (params: unknown) => readObject(params, 'params'), writeParams: same };
const taskResult = { readResult: (result: unknown) => readTask(result, 'task'), writeResult: writeTask };
const eventResult = { readResult: readEvent, writeResult: writeEvent };
const configResult = {
  readResult: (result: unknown) => readTaskConfig(result, 'result'),
  writeResult: writeTaskConfig,
};
const configParams = { readParams: readConfigParams, writeParams: writeConfigParams };

/** Over JSON-RPC, v0.3 lists no tasks. */
type LegacyOperation = Exclude<OperationName, 'listTasks'>;

const wordings: { readonly [Name in LegacyOperation]: Wording<Name> } = {
  sendMessage: { method: 'message/send', readParams: readSendParams, writeParams: writeSendParams, ...eventResult },
  sendStreamingMessage: {
    method: 'message/stream',
    readParams: readSendParams,
    writeParams: writeStreamParams,
    ...eventResult,
  },
  getTask: { method: 'tasks/get', ...sameParams, ...taskResult },
  cancelTask: { method: 'tasks/cancel', ...sameParams, ...taskResult },
  subscribeToTask: { method: 'tasks/resubscribe', ...sameParams, ...eventResult },
  createPushConfig: {
    method: 'tasks/pushNotificationConfig/set',
    readParams: readSetParams,
    writeParams: writeTaskConfig,
    ...configResult,
  },
  getPushConfig: { method: 'tasks/pushNotificationConfig/get', ...configParams, ...configResult },
  listPushConfigs: {
    method: 'tasks/pushNotificationConfig/list',
    readParams: readListParams,
    writeParams: writeListParams,
    readResult: readConfigList,
    writeResult: writeConfigList,
  },
  deletePushConfig: {
    method: 'tasks/pushNotificationConfig/delete',
    ...configParams,
    readResult: () => ({}),
    writeResult: () => null,
  },
  getExtendedAgentCard: {
    method: 'agent/getAuthenticatedExtendedCard',
    readParams: (params) => readObject(params ?? {}, 'params'),
    writeParams: () => undefined,
    readResult: readCard,
    writeResult: writeCard,
  },
};

// Its type says what the table holds: `fromEntries` has forgotten the keys.
const methods = Object.fromEntries(
  Object.entries(wordings).map(([operation, { method }]) => [operation, method]),
) as Record<LegacyOperation, string>;

/** A2A v0.3 over JSON-RPC. */
export const v03Dialect: Dialect = {
  version: '0.3',
  methods,
  server: {
    readParams: (operation, params) => wordingOf(operation).readParams(params),
    writeResult: (operation, result) => wordingOf(operation).writeResult(result),
    endsStreamAfter: endsStream,
  },
  client: {
    writeParams: (operation, params) => wordingOf(operation).writeParams(params),
    readResult: (operation, result) => {
      try {
        return wordingOf(operation).readResult(result);
      } catch (cause) {
        if (!(cause instanceof A2AError)) throw cause;
        throw new A2AClientError('INVALID_REPLY', `not an answer of A2A v0.3: ${cause.message}`, { cause });
      }
    },
  },
};

function wordingOf<Name extends OperationName>(operation: Name): Wording<Name> {
  if (operation === 'listTasks') throw new A2AError('METHOD_NOT_FOUND', 'A2A v0.3 has no list of tasks over JSON-RPC');
  // The table is keyed by the operations themselves, apart from the one just refused; the compiler cannot narrow `Name`.
  return wordings[operation as LegacyOperation] as unknown as Wording<Name>;
}

function same(params: JsonObject): JsonObject {
  return params;
}
