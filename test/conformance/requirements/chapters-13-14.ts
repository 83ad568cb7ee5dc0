/** §13: security. §14: what is registered with IANA, as far as it binds a server. */
import { type Requirement, section } from '../requirement.ts';

const operators = 'binds the operator of a server: no program of ours can do it';
const receivers = 'binds whoever receives push notifications';
const documents = 'binds documents, which people write';
const custom = 'we define no binding of our own';

export const chapters13And14: readonly Requirement[] = [
  ...section('131-data-access-and-authorization-scoping', [
    {
      id: 'A2A-13.1-1',
      level: 'MUST',
      binds: 'server',
      says: 'Every operation checks what its caller may do.',
      tests: [
        'scoping › %s answers exactly as for an unknown one',
        'scoping › %s without any is 401 with a challenge, and does nothing',
      ],
    },
    {
      id: 'A2A-13.1-2',
      level: 'MUST',
      binds: 'server',
      says: 'Results are scoped to the caller, with filters and without.',
      tests: ['scoping › is in no list and in no count, with and without filters'],
    },
    {
      id: 'A2A-13.1-3',
      level: 'MUST',
      binds: 'server',
      says: 'ListTasks, GetTask, Cancel, Subscribe and push configurations are each checked.',
      tests: ['scoping › %s answers exactly as for an unknown one'],
    },
    {
      id: 'A2A-13.1-4',
      level: 'MUST',
      binds: 'server',
      says: 'The check comes before anything that could tell of the existence of what is not the caller’s.',
      tests: ['scoping › %s answers exactly as for an unknown one', 'scoping › that has ended answers so too'],
    },
    {
      id: 'A2A-13.1-5',
      level: 'SHOULD',
      binds: 'spec',
      says: 'The authorisation model is documented.',
      reason: documents,
    },
  ]),
  ...section('132-push-notification-security', [
    {
      id: 'A2A-13.2-1',
      level: 'MUST',
      binds: 'server',
      says: 'Webhook requests carry the credentials of their configuration.',
      tests: ['push › the credentials go with it as "$header"'],
    },
    {
      id: 'A2A-13.2-2',
      level: 'SHOULD',
      binds: 'server',
      says: 'Webhook requests have a time limit.',
      tests: ['push › a webhook that does not answer is given up, and asked again'],
    },
    {
      id: 'A2A-13.2-3',
      level: 'SHOULD',
      binds: 'server',
      says: 'Failed deliveries come again, each time later.',
      tests: ['push › what failed comes again, in order'],
    },
    {
      id: 'A2A-13.2-4',
      level: 'SHOULD',
      binds: 'server',
      says: 'Webhook URLs are checked: no private, local or link-local address.',
      tests: ['push › a webhook at $url is refused'],
    },
    {
      id: 'A2A-13.2-5',
      level: 'MUST',
      binds: 'client',
      says: 'Receivers check the credentials.',
      reason: receivers,
    },
    { id: 'A2A-13.2-6', level: 'SHOULD', binds: 'client', says: 'Receivers check the task id.', reason: receivers },
    { id: 'A2A-13.2-7', level: 'MUST', binds: 'client', says: 'Receivers answer with 2xx.', reason: receivers },
    { id: 'A2A-13.2-8', level: 'SHOULD', binds: 'client', says: 'Receivers bear duplicates.', reason: receivers },
    { id: 'A2A-13.2-9', level: 'SHOULD', binds: 'client', says: 'Receivers limit the rate.', reason: receivers },
    {
      id: 'A2A-13.2-10',
      level: 'SHOULD',
      binds: 'client',
      says: 'Webhooks speak HTTPS.',
      tests: ['push › a webhook at $url is refused'],
    },
    {
      id: 'A2A-13.2-11',
      level: 'SHOULD',
      binds: 'server',
      says: 'Tokens of push configurations are secrets: stored safely, told to nobody else.',
      tests: ['scoping › %s answers exactly as for an unknown one', 'push › neither token nor credentials reach a log'],
    },
    {
      id: 'A2A-13.2-12',
      level: 'SHOULD',
      binds: 'client',
      says: 'Each configuration has a token of its own.',
      reason: receivers,
    },
  ]),
  ...section('133-extended-agent-card-access-control', [
    {
      id: 'A2A-13.3-1',
      level: 'MUST',
      binds: 'server',
      says: 'The extended card needs authentication, and what it says depends on who asks.',
      tests: ['cards › is there for who has proved who they are, and for nobody else'],
    },
    {
      id: 'A2A-13.3-2',
      level: 'SHOULD',
      binds: 'server',
      says: 'Extended cards are not kept by caches that others read.',
      tests: ['cards › is kept by no cache that others read'],
    },
    {
      id: 'A2A-13.3-3',
      level: 'SHOULD',
      binds: 'operator',
      says: 'Extended cards hold no secrets and have versions; what is in them is documented.',
      reason: operators,
    },
    {
      id: 'A2A-13.3-4',
      level: 'MUST',
      binds: 'server',
      says: 'Without the capability the operation is UnsupportedOperationError, without a card ExtendedAgentCardNotConfiguredError.',
      tests: ['errors › the extended card %s: -32004', 'cards › that is declared but not configured is -32007'],
    },
  ]),
  ...section('134-general-security-best-practices', [
    { id: 'A2A-13.4-1', level: 'MUST', binds: 'operator', says: 'Production speaks modern TLS.', reason: operators },
    { id: 'A2A-13.4-2', level: 'SHOULD', binds: 'operator', says: 'HSTS is sent.', reason: operators },
    {
      id: 'A2A-13.4-3',
      level: 'MUST',
      binds: 'server',
      says: 'All parameters are checked before anything happens.',
      tests: ['errors › $method names $field of $params'],
    },
    {
      id: 'A2A-13.4-4',
      level: 'SHOULD',
      binds: 'server',
      says: 'Sizes and depths of requests are bounded.',
      tests: ['json-rpc › a body that is too large is 413, one that is too deep -32600'],
    },
    {
      id: 'A2A-13.4-5',
      level: 'SHOULD',
      binds: 'server',
      says: 'Unexpected media types are refused.',
      tests: [
        'errors › a part of a media type that the card does not name is -32005',
        'json-rpc › $type is -32005, whatever its body',
      ],
    },
    {
      id: 'A2A-13.4-6',
      level: 'MUST',
      binds: 'server',
      says: 'Credentials are secrets; neither logs nor answers hold them.',
      tests: ['scoping › appear in no log and in no answer', 'push › neither token nor credentials reach a log'],
    },
    {
      id: 'A2A-13.4-7',
      level: 'SHOULD',
      binds: 'operator',
      says: 'Credentials are rotated, revocable and sent over TLS alone.',
      reason: operators,
    },
    {
      id: 'A2A-13.4-8',
      level: 'SHOULD',
      binds: 'operator',
      says: 'Failed authentications and denials are logged, watched and audited.',
      reason: 'the authenticator is the host program’s, and so is what it records; a node of a swarm does (SECURITY)',
    },
    {
      id: 'A2A-13.4-9',
      level: 'SHOULD',
      binds: 'server',
      says: 'Rates are limited; who is too fast is told so, and when to come again.',
      tests: ['errors › a temporary refusal says when to come again; a missing permission says which'],
    },
    {
      id: 'A2A-13.4-10',
      level: 'MUST',
      binds: 'operator',
      says: 'Data protection law is kept, with retention, deletion and sparing logs.',
      reason: operators,
    },
    { id: 'A2A-13.4-11', level: 'MUST', binds: 'spec', says: 'A custom binding addresses security.', reason: custom },
  ]),
  ...section('1411-applicationa2ajson', [
    {
      id: 'A2A-14.1.1-1',
      level: 'MUST',
      binds: 'server',
      says: 'JSON is UTF-8.',
      tests: ['json-rpc › a body that is no UTF-8 is -32700'],
    },
  ]),
  ...section('1421-a2a-version-header', [
    {
      id: 'A2A-14.2.1-1',
      level: 'MUST',
      binds: 'client',
      says: 'A2A-Version is Major.Minor.',
      tests: ['packages/a2a-transport/src/client/client.test.ts › a request says who speaks, what, and which version'],
    },
  ]),
  ...section('143-well-known-uri-registration', [
    {
      id: 'A2A-14.3-1',
      level: 'MUST',
      binds: 'server',
      says: '/.well-known/agent-card.json answers with an AgentCard.',
      tests: ['cards › is a pure v1.0 card at its well-known path, without a version asked for'],
    },
  ]),
];
