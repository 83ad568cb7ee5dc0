/**
 * Requests may spell their fields as protobuf does (`task_id`) and send `null` for what they leave out. Both are made
 * plain before the schema reads them, in A2A's own fields only: what users put into `metadata` and `data` is theirs.
 */
interface Form {
  readonly fields: readonly string[];
  readonly within?: Readonly<Record<string, Form>>;
}

const part: Form = { fields: ['mediaType'] };
const message: Form = { fields: ['messageId', 'contextId', 'taskId', 'referenceTaskIds'], within: { parts: part } };
const configuration: Form = {
  fields: ['acceptedOutputModes', 'historyLength', 'returnImmediately', 'taskPushNotificationConfig'],
};
const requestForm: Form = { fields: ['historyLength'], within: { message, configuration } };

export function respellParams(params: unknown): unknown {
  return respell(params, requestForm);
}

function respell(value: unknown, form: Form): unknown {
  if (Array.isArray(value)) return value.map((item) => respell(item, form));
  if (typeof value !== 'object' || value === null) return value;
  const camel = new Map(form.fields.map((field) => [snakeCase(field), field]));
  const plain: Record<string, unknown> = {};
  for (const [key, child] of Object.entries(value)) {
    if (child === null && key !== 'data') continue; // `data: null` is a value
    const name = camel.get(key) ?? key;
    const inner = form.within?.[name];
    plain[name] = inner ? respell(child, inner) : child;
  }
  return plain;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
