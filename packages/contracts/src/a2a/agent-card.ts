import * as z from 'zod';

/** Where and how an agent is reached. */
export const AgentInterface = z.looseObject({
  url: z.string().min(1),
  /** `JSONRPC`, `GRPC`, `HTTP+JSON` or another: an open word. */
  protocolBinding: z.string().min(1),
  protocolVersion: z.string().min(1),
  tenant: z.string().optional(),
});
export type AgentInterface = z.infer<typeof AgentInterface>;

/** A2A v1.0 `AgentExtension`: something that the agent speaks beyond A2A. */
export const AgentExtension = z.looseObject({
  uri: z.string().min(1),
  description: z.string().optional(),
  /** Whether a client that does not activate it is turned away. */
  required: z.boolean().optional(),
  params: z.record(z.string(), z.unknown()).optional(),
});
export type AgentExtension = z.infer<typeof AgentExtension>;

/** A2A v1.0 `AgentCapabilities`. What is absent the agent does not do. */
export const AgentCapabilities = z.looseObject({
  streaming: z.boolean().optional(),
  pushNotifications: z.boolean().optional(),
  extensions: z.array(AgentExtension).optional(),
  extendedAgentCard: z.boolean().optional(),
});
export type AgentCapabilities = z.infer<typeof AgentCapabilities>;

/** Scheme names, each with the scopes that it needs. All schemes of one requirement hold together. */
export const SecurityRequirement = z.looseObject({
  schemes: z.record(z.string(), z.looseObject({ list: z.array(z.string()).optional() })).optional(),
});
export type SecurityRequirement = z.infer<typeof SecurityRequirement>;

/** One of `apiKeySecurityScheme`, `httpAuthSecurityScheme`, `oauth2SecurityScheme`, `openIdConnectSecurityScheme`, `mtlsSecurityScheme`. */
export const SecurityScheme = z.looseObject({});
export type SecurityScheme = z.infer<typeof SecurityScheme>;

/** A2A v1.0 `AgentSkill`: what the agent can be asked for, for people and for those who choose among agents. */
export const AgentSkill = z.looseObject({
  id: z.string().min(1),
  name: z.string(),
  description: z.string().default(''),
  tags: z.array(z.string()).default([]),
  examples: z.array(z.string()).optional(),
  inputModes: z.array(z.string()).optional(),
  outputModes: z.array(z.string()).optional(),
  securityRequirements: z.array(SecurityRequirement).optional(),
});
export type AgentSkill = z.infer<typeof AgentSkill>;

/** A2A v1.0 `AgentProvider`: who stands behind the agent. */
export const AgentProvider = z.looseObject({ url: z.string(), organization: z.string() });
export type AgentProvider = z.infer<typeof AgentProvider>;

/** A JWS over the card, in the parts that RFC 7515 names. */
export const AgentCardSignature = z.looseObject({
  protected: z.string(),
  signature: z.string(),
  header: z.record(z.string(), z.unknown()).optional(),
});
export type AgentCardSignature = z.infer<typeof AgentCardSignature>;

/** How an agent presents itself. Writers that leave empty lists and texts out (protobuf's JSON does) are read as empty. */
export const AgentCard = z.looseObject({
  name: z.string().min(1),
  description: z.string().default(''),
  version: z.string().default(''),
  /** Ordered: the first is preferred. */
  supportedInterfaces: z.array(AgentInterface).min(1),
  capabilities: AgentCapabilities.default({}),
  defaultInputModes: z.array(z.string()).default([]),
  defaultOutputModes: z.array(z.string()).default([]),
  skills: z.array(AgentSkill).default([]),
  provider: AgentProvider.optional(),
  documentationUrl: z.string().optional(),
  iconUrl: z.string().optional(),
  securitySchemes: z.record(z.string(), SecurityScheme).optional(),
  securityRequirements: z.array(SecurityRequirement).optional(),
  signatures: z.array(AgentCardSignature).optional(),
});
export type AgentCard = z.infer<typeof AgentCard>;
