/** §7: credentials. §8: the card. */
import { type Requirement, section } from '../requirement.ts';

const vectors = 'packages/a2a-transport/src/cards/canonical-card.test.ts › canonical form: $name';
const signing = 'packages/a2a-transport/src/cards/verify-card.test.ts';
const tls = 'TLS is spoken by what stands before the server: the operator’s proxy, or a node’s own endpoint';
const agentsOwn = 'binds who writes the agent';

export const chapters7And8: readonly Requirement[] = [
  ...section('71-protocol-security', [
    { id: 'A2A-7.1-1', level: 'MUST', binds: 'operator', says: 'Production speaks HTTPS.', reason: tls },
    { id: 'A2A-7.1-2', level: 'SHOULD', binds: 'operator', says: 'TLS is modern, 1.3 where it can be.', reason: tls },
  ]),
  ...section('72-server-identity-verification', [
    {
      id: 'A2A-7.2-1',
      level: 'SHOULD',
      binds: 'client',
      says: 'Clients check the server’s certificate.',
      reason: 'undici does so by default, and our client has no switch that turns it off',
    },
  ]),
  ...section('74-server-authentication-responsibilities', [
    {
      id: 'A2A-7.4-1',
      level: 'MUST',
      binds: 'server',
      says: 'Every request is authenticated as the server declares it.',
      tests: ['scoping › %s without any is 401 with a challenge, and does nothing'],
    },
    {
      id: 'A2A-7.4-2',
      level: 'SHOULD',
      binds: 'server',
      says: 'Challenges and refusals have the codes of their binding.',
      tests: [
        'scoping › that are bad are 401 with the reason',
        'http-json › without credentials every place is 401 with a challenge',
      ],
    },
    {
      id: 'A2A-7.4-3',
      level: 'SHOULD',
      binds: 'server',
      says: 'The challenge says what is wanted.',
      tests: ['scoping › are asked for as the card declares them'],
    },
  ]),
  ...section('761-in-task-authorization-agent-responsibilities', [
    {
      id: 'A2A-7.6.1-1',
      level: 'MUST',
      binds: 'server',
      says: 'An agent that needs an authorisation has a task, in AUTH_REQUIRED, with a message that says what for.',
      tests: [
        'operations › AUTH_REQUIRED is a task that says what is needed, and goes on when the credential came elsewhere',
      ],
    },
    {
      id: 'A2A-7.6.1-2',
      level: 'MUST',
      binds: 'agent',
      says: 'The credential reaches the agent out of band, where nothing else is agreed.',
      reason: agentsOwn,
    },
    {
      id: 'A2A-7.6.1-3',
      level: 'SHOULD',
      binds: 'server',
      says: 'Streams stay open through AUTH_REQUIRED, and hear how the task goes on.',
      tests: ['streams › stays open through AUTH_REQUIRED, and hears how the task goes on'],
    },
    {
      id: 'A2A-7.6.1-4',
      level: 'SHOULD',
      binds: 'server',
      says: 'A task in AUTH_REQUIRED takes messages.',
      tests: ['operations › a task in AUTH_REQUIRED takes a message'],
    },
  ]),
  ...section('762-in-task-authorization-client-responsibilities', [
    {
      id: 'A2A-7.6.2-1',
      level: 'SHOULD',
      binds: 'agent',
      says: 'An agent that passes the request on to its own client does it by the same rules.',
      reason: agentsOwn,
    },
    {
      id: 'A2A-7.6.2-2',
      level: 'SHOULD',
      binds: 'client',
      says: 'A client subscribes, registers a webhook or polls, so that it misses nothing.',
      tests: ['streams › waits with a task that waits for its client'],
    },
  ]),
  ...section('763-in-task-authorization-security-considerations', [
    {
      id: 'A2A-7.6.3-1',
      level: 'SHOULD',
      binds: 'agent',
      says: 'Credentials come by a secure channel.',
      reason: agentsOwn,
    },
    {
      id: 'A2A-7.6.3-2',
      level: 'SHOULD',
      binds: 'agent',
      says: 'Credentials in band are bound to the agent that asked.',
      reason: agentsOwn,
    },
    {
      id: 'A2A-7.6.3-3',
      level: 'SHOULD',
      binds: 'agent',
      says: 'Credentials in band can be read by that agent alone.',
      reason: agentsOwn,
    },
  ]),
  ...section('81-purpose', [
    {
      id: 'A2A-8.1-1',
      level: 'MUST',
      binds: 'server',
      says: 'A server has a card that can be had.',
      tests: ['cards › is a pure v1.0 card at its well-known path, without a version asked for'],
    },
  ]),
  ...section('831-supported-interfaces-declaration', [
    {
      id: 'A2A-8.3.1-1',
      level: 'SHOULD',
      binds: 'server',
      says: 'supportedInterfaces names everything that is served, the preferred one first.',
      tests: [
        'cards › declares what is served: JSON-RPC at the preferred place, and every extension once',
        'http-json › the card declares it, after what was there',
      ],
    },
    {
      id: 'A2A-8.3.1-2',
      level: 'MUST',
      binds: 'server',
      says: 'Each interface says truly which binding is at which URL.',
      tests: ['http-json › the card declares it, after what was there'],
    },
  ]),
  ...section('832-client-protocol-selection', [
    {
      id: 'A2A-8.3.2-1',
      level: 'MUST',
      binds: 'client',
      says: 'Clients take the first interface that they speak, at its own URL.',
      tests: ['packages/a2a-transport/src/client/connect-client.test.ts › of $offered it is $endpoint'],
    },
  ]),
  ...section('841-canonicalization-requirements', [
    {
      id: 'A2A-8.4.1-1',
      level: 'MUST',
      binds: 'server',
      says: 'A card is put into RFC 8785’s form before it is signed.',
      tests: [vectors],
    },
    {
      id: 'A2A-8.4.1-2',
      level: 'MUST',
      binds: 'server',
      says: 'Optional fields are in it as they were set, required ones always, and defaults else not at all.',
      tests: [vectors],
    },
    {
      id: 'A2A-8.4.1-3',
      level: 'MUST',
      binds: 'server',
      says: 'Signatures are no part of what is signed.',
      tests: [
        'packages/a2a-transport/src/cards/canonical-card.test.ts › neither the order of keys nor the signatures are part of the form, and everything unknown is',
      ],
    },
  ]),
  ...section('842-signature-format', [
    {
      id: 'A2A-8.4.2-1',
      level: 'MUST',
      binds: 'server',
      says: 'The protected header names algorithm and key; a signature is a JWS in three fields.',
      tests: ['cards › a signed card holds for whoever checks it by the specification alone'],
    },
    {
      id: 'A2A-8.4.2-2',
      level: 'SHOULD',
      binds: 'server',
      says: 'The protected header says `typ: JOSE`.',
      tests: ['cards › a signed card holds for whoever checks it by the specification alone'],
    },
  ]),
  ...section('843-signature-verification', [
    {
      id: 'A2A-8.4.3-1',
      level: 'MUST',
      binds: 'client',
      says: 'A signature is checked against the card’s canonical form with a key that is known.',
      tests: [`${signing} › the golden signatures hold, which other code made with the same keys`],
    },
    {
      id: 'A2A-8.4.3-2',
      level: 'SHOULD',
      binds: 'client',
      says: 'At least one signature is checked before a card is trusted.',
      tests: [`${signing} › one good signature among several is enough, which is how keys are rotated`],
    },
    {
      id: 'A2A-8.4.3-3',
      level: 'SHOULD',
      binds: 'client',
      says: 'Keys come by a secure channel.',
      tests: [`${signing} › where no key is pinned nothing is trusted`],
    },
    {
      id: 'A2A-8.4.3-4',
      level: 'MUST',
      binds: 'client',
      says: 'Expired and revoked keys count for nothing.',
      tests: [`${signing} › a key is worth nothing from its hour on`],
    },
  ]),
  ...section('861-server-requirements', [
    {
      id: 'A2A-8.6.1-1',
      level: 'SHOULD',
      binds: 'server',
      says: 'A card has a Cache-Control with max-age, and an ETag.',
      tests: ['cards › a card has an ETag, Last-Modified and a max-age', 'cards › a changed card has another ETag'],
    },
  ]),
  ...section('862-client-requirements', [
    {
      id: 'A2A-8.6.2-1',
      level: 'SHOULD',
      binds: 'client',
      says: 'Clients keep a card as long as it says.',
      tests: ['packages/a2a-transport/src/cards/card-cache.test.ts › a reply with %s is fresh for %s, %s'],
    },
    {
      id: 'A2A-8.6.2-2',
      level: 'SHOULD',
      binds: 'client',
      says: 'Of an old card a client asks whether it has changed; a server says so with 304.',
      tests: [
        'packages/a2a-transport/src/client/agent-card-resolver.test.ts › a fresh card needs no request, a stale one is asked about, and an unchanged one is fresh again',
        'cards › asked for again with $name it is 304 without a body',
        'cards › asked for with $name it is there in full',
      ],
    },
  ]),
];
