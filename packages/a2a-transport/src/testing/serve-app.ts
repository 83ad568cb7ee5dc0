import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';

/** An app on a free port of loopback, over real HTTP. */
export interface ServedApp extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  close(): Promise<void>;
}

/** Serves an app on a free port of loopback, for tests over real HTTP. */
export function serveApp(fetch: Parameters<typeof getRequestListener>[0]): Promise<ServedApp> {
  return serveListener(getRequestListener(fetch, { overrideGlobalObjects: false }));
}

/** Serves what answers Node's own requests, likewise. */
export async function serveListener(listener: RequestListener): Promise<ServedApp> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server that listens has an address with a port; the union is for pipes.
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { origin: `http://127.0.0.1:${port}`, close, [Symbol.asyncDispose]: close };
}
