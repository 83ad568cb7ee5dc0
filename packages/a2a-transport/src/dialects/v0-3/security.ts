import type { SecurityRequirement, SecurityScheme } from '@skein/contracts/a2a';
import { isObject, type JsonObject, readList, readObject } from './json.ts';

/**
 * Security schemes and requirements of a card. v0.3 has OpenAPI's form, with a `type`; v1.0 puts a scheme under a key
 * that names it and a requirement's scopes into lists of their own. A scheme that neither knows is passed on as it is.
 */
const schemeKeys = {
  apiKey: 'apiKeySecurityScheme',
  http: 'httpAuthSecurityScheme',
  oauth2: 'oauth2SecurityScheme',
  openIdConnect: 'openIdConnectSecurityScheme',
  mutualTLS: 'mtlsSecurityScheme',
} as const;

const types = Object.entries(schemeKeys);

/** v0.3 allows many flows at once, v1.0 one. The safest that is offered stays. */
const flowsByPreference = ['authorizationCode', 'clientCredentials', 'deviceCode', 'implicit', 'password'];

export function writeScheme(scheme: SecurityScheme): JsonObject {
  for (const [type, key] of types) {
    const fields = scheme[key];
    if (!isObject(fields)) continue;
    const { location, ...rest } = fields;
    return { type, ...rest, ...(location !== undefined && { in: location }) };
  }
  return scheme;
}

export function readScheme(value: unknown, where: string): JsonObject {
  const { type, ...fields } = readObject(value, where);
  const key = types.find(([name]) => name === type)?.[1];
  if (key === undefined) return { type, ...fields };
  if (type === 'apiKey') return { [key]: readApiKey(fields) };
  return { [key]: isObject(fields.flows) ? { ...fields, flows: oneFlow(fields.flows) } : fields };
}

export function writeRequirement({ schemes = {} }: SecurityRequirement): JsonObject {
  return Object.fromEntries(Object.entries(schemes).map(([name, { list = [] }]) => [name, list]));
}

export function readRequirements(value: unknown, where: string): JsonObject[] | undefined {
  return value === undefined ? undefined : readList(value, where, readRequirement);
}

function readRequirement(value: unknown, where: string): JsonObject {
  const schemes = Object.entries(readObject(value, where)).map(([name, list]) => [name, { list }]);
  return { schemes: Object.fromEntries(schemes) };
}

function readApiKey({ in: location, ...rest }: JsonObject): JsonObject {
  return { location, ...rest };
}

function oneFlow(flows: JsonObject): JsonObject {
  const name = flowsByPreference.find((flow) => flows[flow] !== undefined);
  return name === undefined ? flows : { [name]: flows[name] };
}
