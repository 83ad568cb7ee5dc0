/** P-1 to P-23: where implementations of A2A were seen to go wrong, in the order of the damage. */
import { type Requirement, section } from '../requirement.ts';

const rules: readonly { at: string; says: string; tests: readonly string[] }[] = [
  {
    at: '91-protocol-requirements',
    says: 'The endpoint answers with and without a trailing slash.',
    tests: ['json-rpc › the endpoint answers at %s'],
  },
  {
    at: '55-json-field-naming-convention',
    says: 'Parameters are read in both spellings, answers are in camelCase.',
    tests: ['operations › are understood in snake_case, and answered in camelCase'],
  },
  {
    at: '331-idempotency',
    says: 'A messageId may come again, across tasks and within one.',
    tests: ['operations › the same messageId may come again, in another task and in the same'],
  },
  {
    at: '95-error-handling',
    says: 'No `"error": null` beside a result, no null and no unknown key anywhere.',
    tests: [
      'json-rpc › a result has no error beside it, an error no result',
      'operations › unknown fields are ignored wherever they stand',
      'golden › $name is answered byte for byte',
    ],
  },
  {
    at: '311-send-message',
    says: 'SendMessage answers `{ task }` or `{ message }`; GetTask and CancelTask a bare Task.',
    tests: [
      'operations › a task is answered under `task` alone, a message under `message` alone',
      'operations › answers with the bare task, in its current state',
      'operations › stops the work, answers with the bare cancelled task, and it stays cancelled',
    ],
  },
  {
    at: '561-timestamps',
    says: 'Enums have their long names, times end in Z with milliseconds, artifacts have ids.',
    tests: [
      'operations › times end in Z with milliseconds, and are of the moment of the change',
      'operations › every artifact has an id, also where the agent named none',
    ],
  },
  {
    at: '95-error-handling',
    says: 'An error has code, message and data alone; data is a list that begins with an ErrorInfo.',
    tests: ['errors › $name is $code $reason', 'json-rpc › a result has no error beside it, an error no result'],
  },
  {
    at: '54-error-code-mappings',
    says: 'An unknown task is −32001 in Get, Cancel, Subscribe and in a message’s taskId.',
    tests: [
      'operations › nothing is found under an unknown id: -32001',
      'operations › nothing is cancelled under an unknown id: -32001',
      'operations › a taskId that nobody has is -32001, and makes no task',
      'streams › of an unknown task is a plain -32001',
    ],
  },
  {
    at: '91-protocol-requirements',
    says: 'The Content-Type is looked at before the body: text/plain with a broken body is −32005.',
    tests: ['json-rpc › $type is -32005, whatever its body'],
  },
  {
    at: '36-versioning',
    says: 'Version 99.0 is −32009, none is 0.3, the patch is ignored, and the query parameter works.',
    tests: [
      'versions › %o is v1.0: the patch is passed over',
      'versions › %o is -32009, and says what is spoken',
      'versions › %o: v0.3 is spoken',
      'versions › stands for the header',
    ],
  },
  {
    at: '86-caching',
    says: 'The card needs no version header, is purely v1.0 and has ETag, Last-Modified, Cache-Control and 304.',
    tests: [
      'cards › is a pure v1.0 card at its well-known path, without a version asked for',
      'cards › a card has an ETag, Last-Modified and a max-age',
      'cards › asked for again with $name it is 304 without a body',
    ],
  },
  {
    at: '316-subscribe-to-task',
    says: 'Subscribing to what has ended is a plain error; else headers and the Task come at once, to the terminal event.',
    tests: [
      'streams › of a task that ended by "%s" is a plain -32004',
      'streams › headers and the first event arrive at once, while the agent works on',
      'streams › stays open through INPUT_REQUIRED, and hears how the task goes on',
      'streams › begins with the task as it stands now, and ends after its end',
    ],
  },
  {
    at: '942-sendstreamingmessage',
    says: 'One JSON object a data line, in the whole envelope.',
    tests: ['streams › begins with the task, goes on with its updates and ends after the terminal one'],
  },
  {
    at: '334-capability-validation',
    says: 'What is switched off is a plain error: streaming −32004, push −32003, the extended card −32004.',
    tests: [
      'errors › streaming %s: -32004, plain',
      'errors › push notifications %s: -32003',
      'errors › the extended card %s: -32004',
    ],
  },
  {
    at: '324-history-length-semantics',
    says: 'historyLength: 0 is none, N a bound, on Get and Send; negative is refused.',
    tests: [
      'operations › a historyLength of 0 leaves `history` out, on every operation that takes it',
      'operations › a historyLength of $historyLength keeps the last $kept messages',
      'operations › historyLength bounds what SendMessage and ListTasks answer, too',
      'errors › $method names $field of $params',
    ],
  },
  {
    at: '314-list-tasks',
    says: 'An unknown context is an empty page; the token is always there; newest first; no artifacts unasked.',
    tests: [
      'list-tasks › of an unknown context is an empty page',
      'list-tasks › of %d hold every task once, in order, and the last has an empty token',
      'list-tasks › the newest status comes first',
      'list-tasks › are left out altogether with %o',
    ],
  },
  {
    at: '343-multi-turn-conversation-patterns',
    says: 'Client contexts are taken, mismatches refused, and a message to a finished task is −32004.',
    tests: [
      "operations › a client's context is kept, and groups its tasks",
      'operations › a taskId with its own context continues the task; with another it is refused',
      'operations › a task that ended by "%s" takes no further message',
    ],
  },
  {
    at: '433-push-notification-payload',
    says: 'Push comes inline too, ids are per task, delete is idempotent, the webhook gets a bare StreamResponse.',
    tests: [
      'push › a configuration that comes with the message hears of its task from the start',
      'push › the same id under two tasks is two configurations',
      'push › deleting twice is as good as once',
      'push › each update of the task is posted to the webhook, in order',
      'push › the credentials go with it as "$header"',
      'push › a webhook that does not answer is given up, and asked again',
    ],
  },
  {
    at: '322-sendmessageconfiguration',
    says: 'returnImmediately is honoured; blocking calls return at a terminal or interrupted state.',
    tests: [
      'operations › returnImmediately answers with the task while it works, and polling finds its end',
      'operations › a blocking call to $word answers at $state',
    ],
  },
  {
    at: '93-base-request-structure',
    says: 'JSON-RPC itself: ids with their type, −32600 and −32601 before params, notifications, batches, bad parts and roles.',
    tests: [
      'json-rpc › an id of %o comes back with its type',
      'json-rpc › $name is $code',
      'json-rpc › get no reply, and are carried out',
      'json-rpc › fan out, and each call gets its own reply',
      'errors › $method names $field of $params',
    ],
  },
  {
    at: '46-extensions',
    says: 'Activated extensions are echoed; without a required one it is −32008.',
    tests: [
      'errors › those that are activated are echoed, in a list or in several headers of any case',
      'errors › a required one is -32008 where the request names $name',
    ],
  },
  {
    at: '315-cancel-task',
    says: 'Cancelling stops the work, and a cancelled task stays cancelled.',
    tests: ['operations › stops the work, answers with the bare cancelled task, and it stays cancelled'],
  },
  {
    at: '352-streaming-event-delivery',
    says: 'Events carry ids, Last-Event-ID goes on without a gap, and a gap that cannot be filled is said.',
    tests: [
      'streams › every event carries an id of its own',
      'streams › Last-Event-ID goes on after that event, without a gap and without a repetition',
      'streams › Last-Event-ID reaches the end of a task that ended meanwhile',
      'streams › where the events between are no longer kept, the stream says that there is a gap',
    ],
  },
];

export const points: readonly Requirement[] = rules.flatMap(({ at, says, tests }, index) =>
  section(at, [{ id: `P-${index + 1}`, level: 'MUST', binds: 'server', says, tests }]),
);
