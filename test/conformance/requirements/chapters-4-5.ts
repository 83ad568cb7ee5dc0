/** §4 and `a2a.proto`: the data model. §5: what every binding has in common. */
import { type Requirement, section } from '../requirement.ts';

const everyReply = 'operations › a blocking call answers with the latest state, all artifacts and the status';
const checked = 'errors › $method names $field of $params';
const receiver = 'binds whoever receives push notifications; examples/ shows a receiver that does so';
const extensionAuthors = 'binds whoever writes an extension';
const noCustom = 'we define no binding of our own';

export const chapters4And5: readonly Requirement[] = [
  ...section('4-protocol-data-model', [
    {
      id: 'A2A-4-1',
      level: 'MUST',
      binds: 'server',
      says: 'Every binding has the same data model.',
      tests: ['http-json › a task is the same task over both bindings'],
    },
  ]),
  ...section('411-task', [
    {
      id: 'A2A-4.1.1-1',
      level: 'MUST',
      binds: 'server',
      says: 'A Task has an id that the server made, and a status.',
      tests: [everyReply],
    },
  ]),
  ...section('412-taskstatus', [
    {
      id: 'A2A-4.1.2-1',
      level: 'MUST',
      binds: 'server',
      says: 'A TaskStatus has a state, and the time at which it came to be.',
      tests: ['operations › times end in Z with milliseconds, and are of the moment of the change'],
    },
  ]),
  ...section('413-taskstate', [
    {
      id: 'A2A-4.1.3-1',
      level: 'MUST',
      binds: 'server',
      says: 'Terminal are COMPLETED, FAILED, CANCELED and REJECTED; interrupted INPUT_REQUIRED and AUTH_REQUIRED.',
      tests: ['operations › a blocking call to $word answers at $state'],
    },
  ]),
  ...section('414-message', [
    {
      id: 'A2A-4.1.4-1',
      level: 'MUST',
      binds: 'server',
      says: 'A Message has a messageId, a role and at least one part; one without is refused.',
      tests: [checked, everyReply],
    },
    {
      id: 'A2A-4.1.4-2',
      level: 'MUST',
      binds: 'server',
      says: 'A message of the server names its context, and its task only where there is one.',
      tests: [
        'operations › a task is answered under `task` alone, a message under `message` alone',
        "operations › a message's answer names a context too",
      ],
    },
  ]),
  ...section('415-role', [
    {
      id: 'A2A-4.1.5-1',
      level: 'MUST',
      binds: 'server',
      says: 'A role is ROLE_USER or ROLE_AGENT; any other, the unspecified one too, is refused.',
      tests: [checked],
    },
  ]),
  ...section('416-part', [
    {
      id: 'A2A-4.1.6-1',
      level: 'MUST',
      binds: 'server',
      says: 'A Part holds exactly one of text, raw, url and data.',
      tests: [checked, 'operations › a data part may hold $name', 'operations › an empty text is a text'],
    },
    {
      id: 'A2A-4.1.6-2',
      level: 'MUST',
      binds: 'server',
      says: 'raw is base64.',
      tests: [checked, 'operations › bytes are read in every base64, and answered in one'],
    },
  ]),
  ...section('417-artifact', [
    {
      id: 'A2A-4.1.7-1',
      level: 'MUST',
      binds: 'server',
      says: 'An Artifact has an artifactId, unique in its task, and at least one part.',
      tests: ['operations › every artifact has an id, also where the agent named none'],
    },
  ]),
  ...section('421-taskstatusupdateevent', [
    {
      id: 'A2A-4.2.1-1',
      level: 'MUST',
      binds: 'server',
      says: 'A TaskStatusUpdateEvent names its task, its context and the status.',
      tests: ['streams › begins with the task, goes on with its updates and ends after the terminal one'],
    },
  ]),
  ...section('422-taskartifactupdateevent', [
    {
      id: 'A2A-4.2.2-1',
      level: 'MUST',
      binds: 'server',
      says: 'A TaskArtifactUpdateEvent names its task, its context and the artifact, and says whether it continues one.',
      tests: ['streams › begins with the task, goes on with its updates and ends after the terminal one'],
    },
  ]),
  ...section('431-pushnotificationconfig', [
    {
      id: 'A2A-4.3.1-1',
      level: 'MUST',
      binds: 'server',
      says: 'A push configuration has a url; one without is refused.',
      tests: [checked],
    },
    {
      id: 'A2A-4.3.1-2',
      level: 'MUST',
      binds: 'server',
      says: 'A push configuration is answered with the fields that A2A gives it, and no other.',
      tests: ['push › a configuration is answered without what A2A does not know of it'],
    },
  ]),
  ...section('433-push-notification-payload', [
    {
      id: 'A2A-4.3.3-1',
      level: 'MUST',
      binds: 'server',
      says: 'What is posted is a bare StreamResponse, as application/a2a+json.',
      tests: ['push › each update of the task is posted to the webhook, in order'],
    },
    {
      id: 'A2A-4.3.3-2',
      level: 'MUST',
      binds: 'server',
      says: 'The request carries the credentials of the configuration as HTTP authentication.',
      tests: ['push › the credentials go with it as "$header"'],
    },
    {
      id: 'A2A-4.3.3-3',
      level: 'MUST',
      binds: 'server',
      says: 'Each configured webhook is told at least once.',
      tests: ['push › every webhook of a task hears of it', 'push › what failed comes again, in order'],
    },
    {
      id: 'A2A-4.3.3-4',
      level: 'SHOULD',
      binds: 'server',
      says: 'A webhook that does not answer is given up after 10 to 30 seconds.',
      tests: ['push › a webhook that does not answer is given up, and asked again'],
    },
    { id: 'A2A-4.3.3-5', level: 'MUST', binds: 'client', says: 'Receivers answer with 2xx.', reason: receiver },
    {
      id: 'A2A-4.3.3-6',
      level: 'SHOULD',
      binds: 'client',
      says: 'Receivers bear to hear the same twice.',
      reason: receiver,
    },
    {
      id: 'A2A-4.3.3-7',
      level: 'MUST',
      binds: 'client',
      says: 'Receivers check that the task is one of theirs.',
      reason: receiver,
    },
    {
      id: 'A2A-4.3.3-8',
      level: 'SHOULD',
      binds: 'client',
      says: 'Receivers make sure who posts.',
      reason: receiver,
    },
  ]),
  ...section('441-agentcard', [
    {
      id: 'A2A-4.4.1-1',
      level: 'MUST',
      binds: 'server',
      says: 'A card has name, description, interfaces, version, capabilities, both modes and skills.',
      tests: ['cards › is a pure v1.0 card at its well-known path, without a version asked for'],
    },
  ]),
  ...section('446-agentinterface', [
    {
      id: 'A2A-4.4.6-1',
      level: 'MUST',
      binds: 'operator',
      says: 'In production an interface’s URL is absolute and HTTPS.',
      reason: 'the card is the operator’s, and so is the proxy that speaks TLS',
    },
    {
      id: 'A2A-4.4.6-2',
      level: 'MUST',
      binds: 'server',
      says: 'A tenant that an interface names goes with its requests, in params or in the path.',
      tests: [
        'scoping › do not see each other, though the principal is the same',
        'scoping › a tenant in the path of the endpoint is the tenant of the request',
        'http-json › a tenant in the path is the tenant of the request',
      ],
    },
  ]),
  ...section('461-extension-declaration', [
    {
      id: 'A2A-4.6.1-1',
      level: 'MUST',
      binds: 'server',
      says: 'The card declares every extension that the server speaks.',
      tests: ['cards › declares what is served: JSON-RPC at the preferred place, and every extension once'],
    },
    {
      id: 'A2A-4.6.1-2',
      level: 'MUST',
      binds: 'server',
      says: 'So does the extended card, which takes the place of the public one.',
      tests: ['cards › declares the extensions that the server speaks, as the public one does'],
    },
  ]),
  ...section('463-extension-versioning-and-compatibility', [
    {
      id: 'A2A-4.6.3-1',
      level: 'SHOULD',
      binds: 'spec',
      says: 'An extension’s URI names its version.',
      reason: extensionAuthors,
    },
    {
      id: 'A2A-4.6.3-2',
      level: 'MUST',
      binds: 'spec',
      says: 'A breaking change of an extension is another URI.',
      reason: extensionAuthors,
    },
    {
      id: 'A2A-4.6.3-3',
      level: 'SHOULD',
      binds: 'server',
      says: 'A version of an extension that the agent does not know is passed over.',
      tests: ['errors › an unknown one, or an unknown version of one, is passed over'],
    },
    {
      id: 'A2A-4.6.3-4',
      level: 'MUST',
      binds: 'server',
      says: 'Where the extension is required, the wrong version is an error, and no older one takes its place.',
      tests: ['errors › a required one is -32008 where the request names $name'],
    },
  ]),
  ...section('51-functional-equivalence-requirements', [
    {
      id: 'A2A-5.1-1',
      level: 'MUST',
      binds: 'server',
      says: 'All bindings have the same operations.',
      tests: [
        'http-json › every operation has its place',
        'json-rpc › every method of the specification is there under its name',
      ],
    },
    {
      id: 'A2A-5.1-2',
      level: 'MUST',
      binds: 'server',
      says: 'They answer the same to the same request.',
      tests: ['http-json › a task is the same task over both bindings'],
    },
    {
      id: 'A2A-5.1-3',
      level: 'MUST',
      binds: 'server',
      says: 'They fail with the same errors, each in its own form.',
      tests: ['http-json › $name is $status $reason'],
    },
    {
      id: 'A2A-5.1-4',
      level: 'MUST',
      binds: 'server',
      says: 'They ask for the same credentials.',
      tests: ['http-json › without credentials every place is 401 with a challenge'],
    },
  ]),
  ...section('52-protocol-selection-and-negotiation', [
    {
      id: 'A2A-5.2-1',
      level: 'MUST',
      binds: 'server',
      says: 'Every binding that is served is declared in the card.',
      tests: ['http-json › the card declares it, after what was there'],
    },
    {
      id: 'A2A-5.2-2',
      level: 'SHOULD',
      binds: 'client',
      says: 'Clients fall back to another binding where the first fails.',
      reason: 'our client speaks JSON-RPC alone',
    },
  ]),
  ...section('53-method-mapping-reference', [
    {
      id: 'A2A-5.3-1',
      level: 'MUST',
      binds: 'server',
      says: 'Operations are called as the table of methods and endpoints says.',
      tests: [
        'http-json › every operation has its place',
        'json-rpc › every method of the specification is there under its name',
      ],
    },
  ]),
  ...section('54-error-code-mappings', [
    {
      id: 'A2A-5.4-1',
      level: 'MUST',
      binds: 'server',
      says: 'A2A’s errors have the codes of the table, over JSON-RPC and over HTTP.',
      tests: [
        'errors › $name is $code $reason',
        'errors › TaskNotCancelable is -32002 TASK_NOT_CANCELABLE',
        'errors › InvalidAgentResponse is -32006 INVALID_AGENT_RESPONSE, and no invalid reply leaves',
        'http-json › $name is $status $reason',
      ],
    },
    {
      id: 'A2A-5.4-2',
      level: 'MUST',
      binds: 'spec',
      says: 'A custom binding maps every error.',
      reason: noCustom,
    },
  ]),
  ...section('55-json-field-naming-convention', [
    {
      id: 'A2A-5.5-1',
      level: 'MUST',
      binds: 'server',
      says: 'Fields are written in camelCase.',
      tests: ['operations › are understood in snake_case, and answered in camelCase'],
    },
    {
      id: 'A2A-5.5-2',
      level: 'MUST',
      binds: 'server',
      says: 'Enums are written with their names in the proto.',
      tests: ['operations › a blocking call to $word answers at $state', checked],
    },
  ]),
  ...section('561-timestamps', [
    {
      id: 'A2A-5.6.1-1',
      level: 'MUST',
      binds: 'server',
      says: 'Times are ISO 8601 in UTC and end in Z.',
      tests: ['operations › times end in Z with milliseconds, and are of the moment of the change'],
    },
    {
      id: 'A2A-5.6.1-2',
      level: 'SHOULD',
      binds: 'server',
      says: 'Times have milliseconds.',
      tests: ['operations › times end in Z with milliseconds, and are of the moment of the change'],
    },
    {
      id: 'A2A-5.6.1-3',
      level: 'MUST',
      binds: 'server',
      says: 'Times are read as ISO 8601, with and without fractions of seconds.',
      tests: ['list-tasks › by $name', 'list-tasks › %o is refused with what is wrong with it'],
    },
  ]),
  ...section('57-field-presence-and-optionality', [
    {
      id: 'A2A-5.7-1',
      level: 'MUST',
      binds: 'server',
      says: 'Required fields are there, and required lists are not empty.',
      tests: [everyReply, 'golden › $name is answered byte for byte'],
    },
    {
      id: 'A2A-5.7-2',
      level: 'SHOULD',
      binds: 'server',
      says: 'Messages without a required field are refused.',
      tests: [checked],
    },
    {
      id: 'A2A-5.7-3',
      level: 'SHOULD',
      binds: 'server',
      says: 'Unknown fields are ignored.',
      tests: ['operations › unknown fields are ignored wherever they stand'],
    },
    {
      id: 'A2A-5.7-4',
      level: 'SHOULD',
      binds: 'client',
      says: 'A client ignores unknown fields too.',
      tests: ['packages/contracts/src/a2a/a2a.test.ts › what the schema does not know is kept'],
    },
  ]),
  ...section('58-custom-binding-identification', [
    {
      id: 'A2A-5.8-1',
      level: 'SHOULD',
      binds: 'spec',
      says: 'A custom binding is named by a URI.',
      reason: noCustom,
    },
    {
      id: 'A2A-5.8-2',
      level: 'MUST',
      binds: 'spec',
      says: 'A breaking change of it is another URI.',
      reason: noCustom,
    },
  ]),
];
