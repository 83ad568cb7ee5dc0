import type { AgentCard, AgentInterface, AgentSkill } from '@skein/contracts/a2a';
import { A2AError } from '../../errors.ts';
import { given, isObject, type JsonObject, readList, readObject } from './json.ts';
import { readRequirements, readScheme, writeRequirement, writeScheme } from './security.ts';

/** What a v0.3 card says of itself, and what stands at an interface of v1.0's card for any v0.3. */
const cardVersion = '0.3.0';
const interfaceVersion = '0.3';

/**
 * The card in v0.3's words. Its signatures stay behind in both directions: they cover the other form, so no receiver
 * could verify them.
 *
 * @throws A2AError `VERSION_NOT_SUPPORTED` where no interface speaks v0.3
 */
export function writeCard(card: AgentCard): JsonObject {
  const {
    supportedInterfaces,
    capabilities,
    securitySchemes,
    securityRequirements,
    skills,
    signatures: _,
    ...rest
  } = card;
  const { extendedAgentCard, ...known } = capabilities;
  const [main, ...others] = legacyInterfaces(supportedInterfaces);
  if (main === undefined)
    throw new A2AError('VERSION_NOT_SUPPORTED', 'the agent has no interface that speaks A2A v0.3');
  return given({
    protocolVersion: cardVersion,
    ...rest,
    url: main.url,
    preferredTransport: main.transport,
    // v0.3 asks for the main one here, too, where there are more.
    additionalInterfaces: others.length > 0 ? [main, ...others] : undefined,
    capabilities: known,
    securitySchemes: securitySchemes && mapValues(securitySchemes, writeScheme),
    security: securityRequirements?.map(writeRequirement),
    skills: skills.map(writeSkill),
    supportsAuthenticatedExtendedCard: extendedAgentCard,
  });
}

/** Whether it is v0.3's form. A card that carries both is taken as v1.0, which says more. */
export function isLegacyCard(card: unknown): boolean {
  if (!isObject(card)) return false;
  const { supportedInterfaces } = card;
  return typeof card.url === 'string' && !(Array.isArray(supportedInterfaces) && supportedInterfaces.length > 0);
}

/** A card of any v0.x in the words of v1.0. Its versions are close enough to each other to be spoken to as v0.3. */
export function readCard(value: unknown): JsonObject {
  const {
    url,
    preferredTransport: transport = 'JSONRPC',
    additionalInterfaces = [],
    ...more
  } = readObject(value, 'card');
  const { protocolVersion: _, signatures: __, supportsAuthenticatedExtendedCard: extendedAgentCard, ...card } = more;
  const { capabilities = {}, securitySchemes, security, skills = [], ...rest } = card;
  const others = readList(additionalInterfaces, 'card.additionalInterfaces', readObject);
  return given({
    ...rest,
    supportedInterfaces: distinct([{ url, transport }, ...others]).map(readInterface),
    capabilities: given({ ...readObject(capabilities, 'card.capabilities'), extendedAgentCard }),
    securitySchemes: securitySchemes === undefined ? undefined : readSchemes(securitySchemes),
    securityRequirements: readRequirements(security, 'card.security'),
    skills: readList(skills, 'card.skills', readSkill),
  });
}

/**
 * Those that say so; where none does, the JSON-RPC ones: whoever writes this card serves v0.3 beside v1.0, at the same
 * address, over JSON-RPC alone.
 */
function legacyInterfaces(interfaces: readonly AgentInterface[]): JsonObject[] {
  const declared = interfaces.filter(({ protocolVersion }) => /^0\.3(\.|$)/.test(protocolVersion));
  const spoken =
    declared.length > 0 ? declared : interfaces.filter(({ protocolBinding }) => protocolBinding === 'JSONRPC');
  return distinct(spoken.map(({ url, protocolBinding }) => ({ url, transport: protocolBinding })));
}

function distinct(interfaces: JsonObject[]): JsonObject[] {
  const seen = new Map(interfaces.map((one): [string, JsonObject] => [JSON.stringify([one.url, one.transport]), one]));
  return [...seen.values()];
}

function readInterface({ url, transport, ...rest }: JsonObject): JsonObject {
  return { url, protocolBinding: transport, protocolVersion: interfaceVersion, ...rest };
}

function writeSkill({ securityRequirements, ...rest }: AgentSkill): JsonObject {
  return given({ ...rest, security: securityRequirements?.map(writeRequirement) });
}

function readSkill(value: unknown, where: string): JsonObject {
  const { security, ...rest } = readObject(value, where);
  return given({ ...rest, securityRequirements: readRequirements(security, `${where}.security`) });
}

function readSchemes(value: unknown): JsonObject {
  return mapValues(readObject(value, 'card.securitySchemes'), (scheme, name) =>
    readScheme(scheme, `card.securitySchemes.${name}`),
  );
}

function mapValues<Value>(record: Record<string, Value>, map: (value: Value, name: string) => JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]));
}
