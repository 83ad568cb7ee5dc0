import type { StreamResponse, Task } from '@skein/contracts/a2a';
import { writeEvent } from './events.ts';
import type { JsonObject } from './json.ts';
import { writeTask } from './tasks.ts';

/**
 * The body of a push notification as v0.3's receivers read it: the whole task (v0.3 specification, 9.5), whatever of it
 * has changed. Without the task at hand, the bare event; messages have no task. It goes
 * as `application/json`: v0.3's webhooks know no media type of A2A's own.
 */
export function writePushNotification(event: StreamResponse, task?: Task): JsonObject {
  return task === undefined || 'message' in event ? writeEvent(event) : writeTask(task);
}
