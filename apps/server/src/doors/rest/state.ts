/** /state: this node's copy of the shared state, and its exchange with another node. */
import {
  type NamespaceList,
  type StateEntryView,
  StateKey,
  type StateList,
  StateNamespaceName,
  StatePutBody,
  StateSyncBody,
} from '@skein/contracts';
import type { StateDesk } from '@skein/swarm';
import { Hono } from 'hono';
import type { z } from 'zod';
import { Refusal } from '../refusal.ts';
import { parseBody, parseParameter, refuseQuery } from '../request-body.ts';

type StateDoor = Omit<StateDesk, 'registerNamespace'>;

export function createStateRoutes({ node }: { node: StateDoor }): Hono {
  const app = new Hono();

  app.get('/', async (c) => {
    refuseQuery(c);
    return c.json({ namespaces: await node.listNamespaces() } satisfies z.infer<typeof NamespaceList>);
  });

  app.get('/:namespace', async (c) => {
    refuseQuery(c);
    const entries = await node.listState(namespaceOf(c.req.param()));
    return c.json({ entries } satisfies z.infer<typeof StateList>);
  });

  app.get('/:namespace/:key', async (c) => {
    refuseQuery(c);
    const { namespace, key } = placeOf(c.req.param());
    const entry = await node.getState(namespace, key);
    // A tombstone is for nodes: whoever asks for a value finds none.
    return c.json(standing(namespace, key, entry?.deleted ? undefined : entry));
  });

  app.put('/:namespace/:key', async (c) => {
    refuseQuery(c);
    const { namespace, key } = placeOf(c.req.param());
    const { value } = await parseBody(c, StatePutBody);
    return c.json(await node.putState(namespace, key, value));
  });

  app.delete('/:namespace/:key', async (c) => {
    refuseQuery(c);
    const { namespace, key } = placeOf(c.req.param());
    return c.json(standing(namespace, key, await node.deleteState(namespace, key)));
  });

  app.post('/:namespace/sync', async (c) => {
    refuseQuery(c);
    const namespace = namespaceOf(c.req.param());
    const { nodeId } = await parseBody(c, StateSyncBody);
    return c.json(await node.syncState(namespace, nodeId));
  });
  return app;
}

function namespaceOf({ namespace }: { namespace: string }): string {
  return parseParameter(namespace, StateNamespaceName, 'namespace');
}

function placeOf(parameters: { namespace: string; key: string }): { namespace: string; key: string } {
  return { namespace: namespaceOf(parameters), key: parseParameter(parameters.key, StateKey, 'key') };
}

function standing(namespace: string, key: string, entry: StateEntryView | undefined): StateEntryView {
  if (entry) return entry;
  throw new Refusal(404, 'state_not_found', `there is nothing under ${JSON.stringify(key)} in ${namespace}`, {
    metadata: { namespace, key },
  });
}
