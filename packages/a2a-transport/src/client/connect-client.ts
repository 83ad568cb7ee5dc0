import type { AgentCard } from '@skein/contracts/a2a';
import type { AgentCardCache } from '../cards/card-cache.ts';
import type { AgentCardPins } from '../cards/card-pins.ts';
import { isLegacyCard, readCard } from '../dialects/v0-3/card.ts';
import { resolveAgentCard } from './agent-card-resolver.ts';
import { chooseInterface, type SpokenVersion } from './choose-interface.ts';
import { type A2AClient, createA2AClient } from './client.ts';
import type { A2AClientOptions } from './client-options.ts';
import type { HttpPort } from './http-port.ts';
import { createUndiciHttp } from './undici-http.ts';

export interface ConnectOptions extends Omit<A2AClientOptions, 'endpoint' | 'http' | 'version' | 'tenant'> {
  /** The caller's to close. @default connections of the client's own, which it closes */
  http?: HttpPort;
  /** Spares fetching a card that is known already. @default the card is fetched */
  cache?: AgentCardCache;
  /** What was agreed on when the agent was trusted. @default nothing: the card is as good as the connection */
  pins?: AgentCardPins;
  /** The versions of A2A that are spoken, best first. Name `1.0` alone to speak nothing older. @default ['1.0', '0.3'] */
  versions?: readonly SpokenVersion[];
  /**
   * Origins besides the card's that what `authorize` says may go to, such as `https://api.agent.example`. @default none: an
   * interface elsewhere is called only by clients without `authorize`
   */
  trustedOrigins?: readonly string[];
  /** Gives the connecting up. */
  signal?: AbortSignal;
}

/** A client that knows whom it calls. */
export interface ConnectedA2AClient extends A2AClient, AsyncDisposable {
  /** The agent's card, as it was read. */
  readonly card: AgentCard;
  /** The version of A2A that is spoken with it. */
  readonly version: SpokenVersion;
  /** Ends the client's own connections. Twice is as good as once. */
  close(): Promise<void>;
}

/**
 * A client of the agent at this address, such as `https://agent.example`: it reads the card there, as v1.0 or v0.3 write
 * it, and calls the interface that the card names, with credentials only where `trustedOrigins` says. Addresses that
 * strangers name want the `http` of `createGuardedHttp`. Errors: A2AClientError `NOT_OFFERED` where no interface fits, and
 * those of `resolveAgentCard`.
 */
export async function connectA2AClient(url: string, options: ConnectOptions = {}): Promise<ConnectedA2AClient> {
  const {
    http: given,
    cache,
    pins,
    versions = ['1.0', '0.3'],
    trustedOrigins = [],
    signal,
    ...clientOptions
  } = options;
  const { clock, authorize } = clientOptions;
  if (!URL.canParse(url)) throw new TypeError('An agent is reached at an address such as https://agent.example');
  const { http, close } = given ? { http: given, close: async () => {} } : ownHttp();
  try {
    const card = await resolveAgentCard(url, {
      http: askingFor(versions.includes('1.0') ? '1.0' : '0.3', http),
      ...(clock && { clock }),
      ...(cache && { cache }),
      ...(pins && { pins }),
      ...(signal && { signal }),
      ...(versions.includes('0.3') && { readCard: readLegacyCard }),
    });
    const { endpoint, version, tenant } = chooseInterface(card, versions, {
      cardUrl: url,
      withCredentials: authorize !== undefined,
      trustedOrigins,
    });
    const client = createA2AClient({
      ...clientOptions,
      endpoint,
      http,
      version,
      ...(tenant !== undefined && { tenant }),
    });
    return { ...client, card, version, close, [Symbol.asyncDispose]: close };
  } catch (cause) {
    await close();
    throw cause;
  }
}

/** Some agents have a card for each version and take whoever says nothing for an old client. */
function askingFor(version: SpokenVersion, http: HttpPort): HttpPort {
  return {
    request: (request) => http.request({ ...request, headers: { ...request.headers, 'a2a-version': version } }),
  };
}

function ownHttp() {
  const http = createUndiciHttp();
  return { http, close: http.close };
}

function readLegacyCard(json: unknown): unknown {
  if (isLegacyCard(json)) return readCard(json);
  throw new TypeError('This is no card of A2A v0.3 either');
}
