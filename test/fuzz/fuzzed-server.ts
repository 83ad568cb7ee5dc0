/** The server that is fuzzed: everything that it has is switched on, and nothing of it leaves the process. */

import { type A2AServer, createA2AServer, createGuardedHttp, createInMemoryTaskStore } from '@skein/a2a-transport';
import { serveListener } from '@skein/a2a-transport/testing';
import type { AgentCard } from '@skein/contracts/a2a';
import type { Logger } from '@skein/contracts/runtime';
import { fuzzedAgent } from './agent.ts';

const card: AgentCard = {
  name: 'Fuzzed agent',
  description: 'Takes what comes',
  version: '1.0.0',
  supportedInterfaces: [
    { url: 'http://agent.test/a2a', protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
    { url: 'http://agent.test/rest', protocolBinding: 'HTTP+JSON', protocolVersion: '1.0' },
    { url: 'http://agent.test/a2a', protocolBinding: 'JSONRPC', protocolVersion: '0.3' },
  ],
  capabilities: { streaming: true, pushNotifications: true, extendedAgentCard: true },
  defaultInputModes: ['text/plain', 'application/*'],
  defaultOutputModes: ['text/plain'],
  skills: [{ id: 'words', name: 'Words', description: 'Does what a word says', tags: ['fuzz'] }],
};
const names = new Map([
  ['Bearer alice', 'alice'],
  ['Bearer bob', 'bob'],
]);

export interface FuzzedServer extends AsyncDisposable {
  /** Sends a request, in process or over a socket. */
  fetch(path: string, init: RequestInit): Promise<Response>;
  /** What the server called a fault of its own. */
  takeFault(): string | undefined;
}

/** Push notifications go to somebody who takes them all, by the real rules of which URLs may be named. */
function pretendedHttp() {
  const { refusalOf } = createGuardedHttp();
  const nothing = async function* () {};
  const reply = async () => ({ status: 204, headers: new Headers(), body: nothing() });
  const close = async () => {};
  return { refusalOf, request: reply, close, [Symbol.asyncDispose]: close };
}

export async function createFuzzedServer({ overHttp }: { overHttp: boolean }): Promise<FuzzedServer> {
  const faults: string[] = [];
  const quiet = () => {};
  const logger: Logger = {
    ...{ debug: quiet, info: quiet, warn: quiet, child: () => logger },
    // An agent that fails is one of its own words; everything else is a fault of the server.
    error: (message, fields) =>
      void (message !== 'agent failed' && faults.push(`${message}: ${stackOf(fields?.error)}`)),
  };
  const server: A2AServer = createA2AServer({
    card,
    executor: fuzzedAgent,
    taskStore: createInMemoryTaskStore({ maxTasks: 300, maxEvents: 20 }),
    push: { http: pretendedHttp() },
    extensions: [
      { uri: 'urn:fuzz:known', methods: { KnownMethod: { public: true, handle: async (params) => ({ params }) } } },
    ],
    extendedCard: async () => ({ ...card, description: 'Takes what comes, and says so' }),
    authenticator: {
      async authenticate({ headers }) {
        const said = headers.get('authorization');
        if (said === null) return { status: 'anonymous' };
        const id = names.get(said);
        if (id) return { status: 'authenticated', principal: { id, kind: 'user' } };
        return { status: 'refused', reason: 'BAD_CREDENTIALS', message: 'Nobody has this token' };
      },
    },
    httpJsonPath: '/rest',
    limits: { maxBodyBytes: 256 * 1_024, feedEvents: 16 },
    logger,
  });
  const served = overHttp ? await serveListener(server.listener) : undefined;
  return {
    fetch: async (path, init) =>
      served ? fetch(`${served.origin}${path}`, init) : server.app.request(`http://agent.test${path}`, init),
    takeFault: () => faults.splice(0)[0],
    async [Symbol.asyncDispose]() {
      await server.close();
      await served?.close();
    },
  };
}

function stackOf(error: unknown): string {
  return error instanceof Error ? `${error.stack} ${error.cause ? stackOf(error.cause) : ''}` : String(error);
}
