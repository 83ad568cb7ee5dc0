import type { AgentCard, AgentInterface } from '@skein/contracts/a2a';
import { A2AClientError } from '../errors.ts';

/** A version of A2A that this client speaks. */
export type SpokenVersion = '1.0' | '0.3';

/** An interface of an agent that is spoken here. */
export interface ChosenInterface {
  endpoint: string;
  version: SpokenVersion;
  tenant: string | undefined;
}

/** Where a card may lead. */
export interface InterfaceRules {
  /** Where the card was read. */
  cardUrl: string;
  /** Whether calls carry credentials. */
  withCredentials: boolean;
  /** Origins besides the card's that credentials may go to, such as `https://api.agent.example`. */
  trustedOrigins: readonly string[];
}

/**
 * Which of a card's interfaces is called: of the version that the caller likes best, the one that stands first in the
 * card, which is the agent's own preference. An older version is spoken only where the card has no newer one.
 *
 * A card names addresses, and whoever wrote it chose them: credentials go to its own origin and to those that the caller
 * names, and what was read over https is not called over http.
 *
 * @throws A2AClientError `NOT_OFFERED` with what the card does offer
 */
export function chooseInterface(
  { name, supportedInterfaces }: Pick<AgentCard, 'name' | 'supportedInterfaces'>,
  versions: readonly SpokenVersion[],
  rules: InterfaceRules,
): ChosenInterface {
  const refusals: string[] = [];
  for (const version of versions) {
    for (const { protocolBinding, protocolVersion, url, tenant } of supportedInterfaces) {
      if (protocolBinding !== 'JSONRPC' || withoutPatch(protocolVersion) !== version) continue;
      const endpoint = endpointOf(url, rules.cardUrl);
      if (!endpoint) continue;
      const refusal = refusalOf(endpoint, rules);
      if (!refusal) return { endpoint: endpoint.href, version, tenant: tenant || undefined };
      refusals.push(refusal);
    }
  }
  const offered = supportedInterfaces.map(inWords).join(', ');
  const spoken = versions.map((version) => `JSONRPC ${version}`).join(' and ');
  const why = [`${name} offers ${offered}; spoken here: ${spoken}, over http or https`, ...new Set(refusals)];
  throw new A2AClientError('NOT_OFFERED', why.join('. '));
}

/** Its address may be told from where its card is; A2A asks for a whole one, and not everybody knows their own. */
function endpointOf(url: string, cardUrl: string): URL | undefined {
  if (!URL.canParse(url, cardUrl)) return undefined;
  const endpoint = new URL(url, cardUrl);
  return /^https?:$/.test(endpoint.protocol) ? endpoint : undefined;
}

function refusalOf(endpoint: URL, { cardUrl, withCredentials, trustedOrigins }: InterfaceRules): string | undefined {
  const card = new URL(cardUrl);
  if (card.protocol === 'https:' && endpoint.protocol === 'http:') {
    return `Its card was read over https and does not lead to ${endpoint.origin}, which is http`;
  }
  const isTrusted = [card.origin, ...trustedOrigins.map(originOf)].includes(endpoint.origin);
  if (!withCredentials || isTrusted) return undefined;
  return `Credentials would go to ${endpoint.origin}, while its card is at ${card.origin}: name it in trustedOrigins if they may`;
}

function originOf(trusted: string): string {
  if (URL.canParse(trusted)) return new URL(trusted).origin;
  throw new TypeError(`trustedOrigins has "${trusted}", which is no origin, such as https://api.agent.example`);
}

function withoutPatch(version: string): string {
  return version.split('.', 2).join('.');
}

function inWords({ protocolBinding, protocolVersion, url }: AgentInterface): string {
  return `${protocolBinding} ${protocolVersion} at ${url}`;
}
