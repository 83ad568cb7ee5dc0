import { TaskPushNotificationConfig } from '@skein/contracts/a2a';
import { expect, test } from 'vitest';
import type { StoredPushConfig } from './push-config-store.ts';
import { pushDelivery, withPushStatus } from './push-status.ts';

const stored: StoredPushConfig = {
  owner: 'alice',
  taskId: 't',
  id: 'one',
  version: '7',
  config: { url: 'https://a.example/', token: 'secret' },
  protocolVersion: '1.0',
  delivered: 3,
  failures: 10,
  lastFailure: 'The receiver answered 503',
  state: 'disabled',
};

test('the state of deliveries says why they ended, and nothing of secrets, owners or versions', () => {
  expect(pushDelivery(stored)).toEqual({
    taskId: 't',
    id: 'one',
    state: 'disabled',
    delivered: 3,
    failures: 10,
    lastFailure: 'The receiver answered 503',
  });
});

test('it stands beside the configuration it belongs to, and beside no other', () => {
  const config = { id: 'one', taskId: 't', url: 'https://a.example/' };
  const status = { state: 'disabled', delivered: 3, failures: 10, lastFailure: 'The receiver answered 503' };
  const told = withPushStatus(config, [pushDelivery({ ...stored, id: 'two' }), pushDelivery(stored)]);
  expect(told).toEqual({ ...config, status });
  expect(TaskPushNotificationConfig.parse(told)).toEqual(told);
  expect(withPushStatus({ ...config, id: 'three' }, [pushDelivery(stored)])).toEqual({ ...config, id: 'three' });
});
