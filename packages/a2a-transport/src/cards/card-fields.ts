/**
 * The fields of an agent card as `a2a.proto` of A2A v1.0 declares them, for one question: which values does the
 * canonical form leave out? A field that is not named here is unknown, and what is unknown is never left out.
 */

/** The fields of one message of the proto, by their names in JSON. */
export type CardMessage = Readonly<Record<string, CardField>>;

interface CardField {
  /**
   * What this field is when nobody sets it. Such a value is left out, because protobuf cannot tell it from absence.
   * Fields that are REQUIRED, `optional` or messages have a presence of their own, and no `unset` here.
   */
  readonly unset?: 'text' | 'flag' | 'list' | 'map';
  /** The value is a message with these fields. */
  readonly message?: CardMessage;
  /** The value is a list of messages. */
  readonly items?: CardMessage;
  /** The value is a map of messages. */
  readonly values?: CardMessage;
  /** Never part of what is signed. */
  readonly leftOut?: true;
}

/** REQUIRED, `optional`, or a `Struct`, whose content is the writer's own: it stays as it is. */
const kept: CardField = {};
const text: CardField = { unset: 'text' };
const flag: CardField = { unset: 'flag' };
const list: CardField = { unset: 'list' };
const map: CardField = { unset: 'map' };

const scopes: CardMessage = { list };
const securityRequirement: CardMessage = { schemes: { unset: 'map', values: scopes } };

const authorizationCodeFlow: CardMessage = {
  authorizationUrl: kept,
  tokenUrl: kept,
  refreshUrl: text,
  scopes: kept,
  pkceRequired: flag,
};
const clientCredentialsFlow: CardMessage = { tokenUrl: kept, refreshUrl: text, scopes: kept };
const implicitFlow: CardMessage = { authorizationUrl: text, refreshUrl: text, scopes: map };
const passwordFlow: CardMessage = { tokenUrl: text, refreshUrl: text, scopes: map };
const deviceCodeFlow: CardMessage = { deviceAuthorizationUrl: kept, tokenUrl: kept, refreshUrl: text, scopes: kept };

const oauthFlows: CardMessage = {
  authorizationCode: { message: authorizationCodeFlow },
  clientCredentials: { message: clientCredentialsFlow },
  implicit: { message: implicitFlow },
  password: { message: passwordFlow },
  deviceCode: { message: deviceCodeFlow },
};

const securityScheme: CardMessage = {
  apiKeySecurityScheme: { message: { description: text, location: kept, name: kept } },
  httpAuthSecurityScheme: { message: { description: text, scheme: kept, bearerFormat: text } },
  oauth2SecurityScheme: { message: { description: text, flows: { message: oauthFlows }, oauth2MetadataUrl: text } },
  openIdConnectSecurityScheme: { message: { description: text, openIdConnectUrl: kept } },
  mtlsSecurityScheme: { message: { description: text } },
};

const agentSkill: CardMessage = {
  id: kept,
  name: kept,
  description: kept,
  tags: kept,
  examples: list,
  inputModes: list,
  outputModes: list,
  securityRequirements: { unset: 'list', items: securityRequirement },
};

const agentCapabilities: CardMessage = {
  streaming: kept,
  pushNotifications: kept,
  extensions: { unset: 'list', items: { uri: text, description: text, required: flag, params: kept } },
  extendedAgentCard: kept,
};

export const agentCardFields: CardMessage = {
  name: kept,
  description: kept,
  supportedInterfaces: { items: { url: kept, protocolBinding: kept, tenant: text, protocolVersion: kept } },
  provider: { message: { url: kept, organization: kept } },
  version: kept,
  documentationUrl: kept,
  capabilities: { message: agentCapabilities },
  securitySchemes: { unset: 'map', values: securityScheme },
  securityRequirements: { unset: 'list', items: securityRequirement },
  defaultInputModes: kept,
  defaultOutputModes: kept,
  skills: { items: agentSkill },
  signatures: { leftOut: true },
  iconUrl: kept,
};
