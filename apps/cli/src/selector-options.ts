/** The options by which a command means nodes: one by its name, or all that have something in common. */
import { CortexTarget, type NodeView, Selector, Tier } from '@skein/contracts';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { groupArgument, several, wrongUsage } from './arguments.ts';
import { CliError, exitCodes } from './exit-codes.ts';
import { requireNode } from './node-names.ts';

export interface SelectorOptions {
  group?: string;
  label?: Record<string, string>;
  capability?: string[];
  tier?: Tier;
}

export interface TargetOptions extends SelectorOptions {
  to?: string;
}

function labelArgument(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Write KEY=VALUE.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

export function withSelector(command: Command): Command {
  return command
    .option('--group <name>', 'nodes of this group', groupArgument)
    .option('--label <key=value>', 'nodes with this label (may be given several times)', labelArgument)
    .option('--capability <name>', 'nodes that have this (may be given several times)', several)
    .addOption(new Option('--tier <tier>', 'nodes of this tier').choices(Tier.options));
}

export const withTarget = (command: Command): Command =>
  withSelector(
    command.option('--to <node>', 'a node, by its name or id, or cortex:NAME; or choose the fittest by what it has:'),
  );

/** Undefined where none of the options was given. */
export function selectorFrom({ group, label, capability, tier }: SelectorOptions): Selector | undefined {
  const selector = {
    ...(group !== undefined && { group }),
    ...(label && { labels: label }),
    ...(capability && { capabilities: capability }),
    ...(tier && { tier }),
  };
  if (Object.keys(selector).length === 0) return undefined;
  const parsed = Selector.safeParse(selector);
  if (parsed.success) return parsed.data;
  throw wrongUsage(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
}

/** What the options mean: a selector, an instance of CortexPrism, or one node, as this one knows it. */
export type Aim = { target: Selector | CortexTarget; node?: undefined } | { target: NodeView['id']; node: NodeView };

export async function aimFrom(options: TargetOptions, nodes: () => Promise<readonly NodeView[]>): Promise<Aim> {
  const selector = selectorFrom(options);
  if (options.to !== undefined && selector) throw wrongUsage('give --to, or what the node must have, not both');
  if (selector) return { target: selector };
  if (options.to === undefined) throw wrongUsage('say where: --to NODE, or --group, --label, --capability, --tier');
  // The node that is asked knows its peers: nobody lists them.
  const cortex = CortexTarget.safeParse(options.to);
  if (cortex.success) return { target: cortex.data };
  const node = requireNode(await nodes(), options.to);
  return { target: node.id, node };
}

/** The node that a word means; without one, the node that is asked. */
export async function nodeOrSelf(word: string | undefined, nodes: readonly NodeView[]): Promise<NodeView> {
  if (word !== undefined) return requireNode(nodes, word);
  const self = nodes.find(({ isSelf }) => isSelf);
  if (self) return self;
  throw new CliError(exitCodes.failed, 'unknown_reply', 'the node does not list itself');
}
