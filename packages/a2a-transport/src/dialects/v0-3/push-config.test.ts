import { describe, expect, test } from 'vitest';
import { readConfig, readConfigList, readConfigParams, readSetParams, writeListParams } from './push-config.ts';

describe('of the schemes that a receiver takes, the first stays', () => {
  test.each([
    { authentication: { schemes: ['Bearer', 'Basic'] }, means: { scheme: 'Bearer' } },
    { authentication: { schemes: ['Basic'], credentials: 'x' }, means: { scheme: 'Basic', credentials: 'x' } },
    { authentication: { schemes: [] }, means: undefined },
    { authentication: {}, means: undefined },
    { authentication: null, means: undefined },
  ])('$authentication → $means', ({ authentication, means }) => {
    const config = readConfig({ url: 'u', authentication }, 'config');
    expect(config).toEqual({ url: 'u', ...(means && { authentication: means }) });
  });
});

test.each([
  { authentication: { schemes: 'Bearer' }, says: 'config.authentication.schemes must be an array' },
  { authentication: { credentials: 'x' }, says: 'must name the scheme of the credentials' },
  { authentication: 'Bearer', says: 'config.authentication must be an object' },
])('$authentication is refused: $says', ({ authentication, says }) => {
  expect(() => readConfig({ url: 'u', authentication }, 'config')).toThrow(says);
});

test('a configuration without an id is its task’s, both to set and to get', () => {
  expect(readSetParams({ taskId: 't', pushNotificationConfig: { url: 'u' } })).toEqual({
    taskId: 't',
    id: 't',
    url: 'u',
  });
  expect(readConfigParams({ id: 't' })).toEqual({ taskId: 't', id: 't' });
  expect(readConfigParams({ id: 't', pushNotificationConfigId: 'p' })).toEqual({ taskId: 't', id: 'p' });
});

test('the task is the one beside the configuration, not one that is named within', () => {
  const params = { taskId: 't', pushNotificationConfig: { id: 'p', url: 'u', taskId: 'other' } };
  expect(readSetParams(params)).toEqual({ taskId: 't', id: 'p', url: 'u' });
});

test('v0.3 is asked for no pages', () => {
  expect(writeListParams({ taskId: 't', pageSize: 1, pageToken: 'x' })).toEqual({ id: 't' });
});

test.each([
  { result: null, says: 'result must be an array' },
  { result: [{ taskId: 't' }], says: 'result[0].pushNotificationConfig must be an object' },
])('a list of $result is refused: $says', ({ result, says }) => {
  expect(() => readConfigList(result)).toThrow(says);
});
