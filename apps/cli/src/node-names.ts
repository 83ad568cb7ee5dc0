/** People say names, the contract says ids. */
import { NodeId, type NodeView } from '@skein/contracts';
import { CliError, exitCodes } from './exit-codes.ts';
import { oneLine } from './output/terminal.ts';

const SHORTEST_PREFIX = 4;

/** The node that an id, a name or the beginning of an id means. */
export function requireNode(nodes: readonly NodeView[], word: string): NodeView {
  const byId = nodes.find(({ id }) => id === word);
  if (byId) return byId;
  const byName = nodes.filter(({ name }) => name === word);
  const byPrefix = word.length >= SHORTEST_PREFIX ? nodes.filter(({ id }) => id.startsWith(word)) : [];
  const named = byName.length > 0 ? byName : byPrefix;
  const [only] = named;
  if (only && named.length === 1) return only;
  if (named.length > 1)
    throw new CliError(
      exitCodes.usage,
      'ambiguous_node',
      `${named.length} nodes are meant by ${word}; say which by its id: ${named.map(({ id }) => id).join(', ')}`,
    );
  const known = nodes.map(({ name }) => oneLine(name)).join(', ') || 'none';
  throw new CliError(
    exitCodes.notFound,
    'unknown_node',
    `no node ${NodeId.safeParse(word).success ? 'with the id' : 'named'} ${oneLine(word)}; known here: ${known}`,
  );
}

/** A name where there is one, else as much of the id as a table needs. Instances of CortexPrism are named as targets are. */
export function nodeNamer(
  nodes: readonly NodeView[],
  cortexPeers: readonly { nodeId: string; name: string }[] = [],
): (id: string) => string {
  const names = new Map<string, string>([
    ...cortexPeers.map(({ nodeId, name }) => [nodeId, oneLine(`cortex:${name}`)] as const),
    ...nodes.map(({ id, name }) => [id, oneLine(name)] as const),
  ]);
  return (id) => names.get(id) ?? `${id.slice(0, 8)}…`;
}
