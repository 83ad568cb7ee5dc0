/**
 * Requests may spell their fields as protobuf does (`task_id`) and send `null` for what they leave out. Both are made
 * plain before the schema reads them, in A2A's own fields only: what users put into `metadata` and `data` is theirs.
 */
interface Form {
  /** Protobuf's spelling to ours. */
  readonly camel: ReadonlyMap<string, string>;
  /** A map, so that a field named `toString` finds nothing. */
  readonly within: ReadonlyMap<string, Form>;
}

function form(fields: readonly string[], within: Readonly<Record<string, Form>> = {}): Form {
  return { camel: new Map(fields.map((field) => [snakeCase(field), field])), within: new Map(Object.entries(within)) };
}

const part = form(['mediaType']);
const message = form(['messageId', 'contextId', 'taskId', 'referenceTaskIds'], { parts: part });
const configuration = form(
  ['acceptedOutputModes', 'historyLength', 'returnImmediately', 'taskPushNotificationConfig'],
  {
    taskPushNotificationConfig: form(['taskId'], { authentication: form([]) }),
  },
);
const listing = ['contextId', 'pageSize', 'pageToken', 'statusTimestampAfter', 'includeArtifacts'];
const requestForm = form(['historyLength', 'taskId', ...listing], { message, configuration, authentication: form([]) });

export function respellParams(params: unknown): unknown {
  return respell(params, requestForm);
}

/** The value itself where there is nothing to change, which is nearly always. */
function respell(value: unknown, { camel, within }: Form): unknown {
  if (Array.isArray(value)) return respellItems(value, { camel, within });
  if (typeof value !== 'object' || value === null) return value;
  let plain: Record<string, unknown> | undefined;
  for (const key in value) {
    const child = (value as Record<string, unknown>)[key]; // what came from JSON is a record
    const name = camel.get(key) ?? key;
    const inner = within.get(name);
    const respelt = inner ? respell(child, inner) : child;
    const dropped = child === null && key !== 'data'; // `data: null` is a value, every other null is nothing
    if (dropped || name !== key || respelt !== child) plain ??= before(value, key);
    if (plain && !dropped) plain[name] = respelt;
  }
  return plain ?? value;
}

/** The fields ahead of one. */
function before(value: object, end: string): Record<string, unknown> {
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.slice(
      0,
      entries.findIndex(([key]) => key === end),
    ),
  );
}

function respellItems(items: readonly unknown[], each: Form): readonly unknown[] {
  const respelt = items.map((item) => respell(item, each));
  return respelt.some((item, index) => item !== items[index]) ? respelt : items;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
