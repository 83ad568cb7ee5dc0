import { AgentCard } from '@skein/contracts/a2a';
import { describe, expect, test } from 'vitest';
import { isLegacyCard, readCard, writeCard } from './card.ts';

const at = (protocolVersion: string, protocolBinding = 'JSONRPC', url = 'https://a.example/a2a') => ({
  url,
  protocolBinding,
  protocolVersion,
});

const card = (more: object) => AgentCard.parse({ name: 'agent', supportedInterfaces: [at('1.0')], ...more });

const wire = { name: 'agent', url: 'https://a.example/a2a', protocolVersion: '0.3.0', capabilities: {}, skills: [] };

describe('the address on a v0.3 card', () => {
  const main = { url: 'https://a.example/a2a', transport: 'JSONRPC' };
  const rest = { url: 'https://a.example/v1', transport: 'HTTP+JSON' };
  test.each([
    { why: 'v1.0’s, where v0.3 is served beside it', supportedInterfaces: [at('1.0')], more: undefined },
    { why: 'only over JSON-RPC', supportedInterfaces: [at('1.0', 'HTTP+JSON', rest.url), at('1.0')], more: undefined },
    {
      why: 'v0.3’s own first',
      supportedInterfaces: [at('1.0', 'JSONRPC', 'https://a.example/one'), at('0.3')],
      more: undefined,
    },
    { why: 'whatever the patch', supportedInterfaces: [at('0.3.0')], more: undefined },
    { why: 'one address once', supportedInterfaces: [at('0.3'), at('0.3.0')], more: undefined },
    {
      why: 'with all of v0.3’s',
      supportedInterfaces: [at('0.3'), at('0.3', 'HTTP+JSON', rest.url)],
      more: [main, rest],
    },
  ])('is $why', ({ supportedInterfaces, more }) => {
    const { url, preferredTransport, additionalInterfaces } = writeCard(card({ supportedInterfaces }));
    expect({ url, transport: preferredTransport }).toEqual(main);
    expect(additionalInterfaces).toEqual(more);
  });

  test('is not made up', () => {
    const supportedInterfaces = [at('1.0', 'GRPC'), at('0.30', 'HTTP+JSON')];
    expect(() => writeCard(card({ supportedInterfaces }))).toThrow('no interface that speaks A2A v0.3');
  });
});

test('a card of v0.3 says its version, and nothing in v1.0’s words', () => {
  const written = writeCard(
    card({
      capabilities: { streaming: true, extendedAgentCard: false },
      skills: [{ id: 's', name: 's', securityRequirements: [{ schemes: { key: {} } }] }],
      securityRequirements: [{ schemes: { key: { list: ['a'] } } }, {}],
      signatures: [{ protected: 'p', signature: 's' }],
    }),
  );
  expect(written).toEqual({
    name: 'agent',
    description: '',
    version: '',
    protocolVersion: '0.3.0',
    url: 'https://a.example/a2a',
    preferredTransport: 'JSONRPC',
    capabilities: { streaming: true },
    defaultInputModes: [],
    defaultOutputModes: [],
    skills: [{ id: 's', name: 's', description: '', tags: [], security: [{ key: [] }] }],
    security: [{ key: ['a'] }, {}],
    supportsAuthenticatedExtendedCard: false,
  });
});

describe('security schemes, both ways', () => {
  const flow = { authorizationUrl: 'https://a', tokenUrl: 'https://t', scopes: { a: 'b' } };
  test.each([
    {
      v03: { type: 'apiKey', in: 'header', name: 'X-Key' },
      v1: { apiKeySecurityScheme: { location: 'header', name: 'X-Key' } },
    },
    {
      v03: { type: 'http', scheme: 'Bearer', bearerFormat: 'JWT' },
      v1: { httpAuthSecurityScheme: { scheme: 'Bearer', bearerFormat: 'JWT' } },
    },
    {
      v03: { type: 'oauth2', flows: { authorizationCode: flow } },
      v1: { oauth2SecurityScheme: { flows: { authorizationCode: flow } } },
    },
    {
      v03: { type: 'openIdConnect', openIdConnectUrl: 'https://o' },
      v1: { openIdConnectSecurityScheme: { openIdConnectUrl: 'https://o' } },
    },
    { v03: { type: 'mutualTLS', description: 'd' }, v1: { mtlsSecurityScheme: { description: 'd' } } },
    { v03: { type: 'smoke', signal: 1 }, v1: { type: 'smoke', signal: 1 } },
  ])('$v03', ({ v03, v1 }) => {
    expect(writeCard(card({ securitySchemes: { one: v1 } })).securitySchemes).toEqual({ one: v03 });
    expect(readCard({ ...wire, securitySchemes: { one: v03 } }).securitySchemes).toEqual({ one: v1 });
  });

  test('of many flows the safest stays, as v1.0 has one', () => {
    const securitySchemes = { one: { type: 'oauth2', flows: { password: {}, implicit: {}, authorizationCode: flow } } };
    expect(readCard({ ...wire, securitySchemes }).securitySchemes).toEqual({
      one: { oauth2SecurityScheme: { flows: { authorizationCode: flow } } },
    });
  });
});

describe('a card is read', () => {
  test('with its main address first, each once', () => {
    const additionalInterfaces = [
      { url: 'https://a.example/grpc', transport: 'GRPC' },
      { url: 'https://a.example/a2a', transport: 'JSONRPC' },
    ];
    const read = AgentCard.parse(readCard({ ...wire, additionalInterfaces, preferredTransport: 'JSONRPC' }));
    expect(read.supportedInterfaces).toEqual([at('0.3'), at('0.3', 'GRPC', 'https://a.example/grpc')]);
  });

  test('as JSON-RPC where it says no transport, without what v1.0 has no place for', () => {
    expect(readCard({ ...wire, signatures: [{ protected: 'p', signature: 's' }], iconUrl: null })).toEqual({
      name: 'agent',
      supportedInterfaces: [at('0.3')],
      capabilities: {},
      skills: [],
    });
  });

  test.each([
    { change: { skills: {} }, says: 'card.skills must be an array' },
    { change: { skills: [1] }, says: 'card.skills[0] must be an object' },
    { change: { capabilities: true }, says: 'card.capabilities must be an object' },
    { change: { security: { key: [] } }, says: 'card.security must be an array' },
    { change: { securitySchemes: { one: 'x' } }, says: 'card.securitySchemes.one must be an object' },
    { change: { additionalInterfaces: [null] }, says: 'card.additionalInterfaces[0] must be an object' },
  ])('or refused: $says', ({ change, says }) => {
    expect(() => readCard({ ...wire, ...change })).toThrow(says);
  });
});

test.each([
  { legacy: true, given: wire },
  { legacy: true, given: { ...wire, supportedInterfaces: [] } },
  { legacy: false, given: { ...wire, supportedInterfaces: [at('1.0')] } },
  { legacy: false, given: { name: 'agent', supportedInterfaces: [at('1.0')] } },
  { legacy: false, given: { name: 'agent' } },
  { legacy: false, given: null },
])('v0.3’s form: $legacy for $given', ({ legacy, given }) => {
  expect(isLegacyCard(given)).toBe(legacy);
});
