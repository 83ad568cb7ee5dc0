/** Brings three nodes up as one swarm: the first is the seed that lets the others in. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { NodeView } from '@skein/contracts';
import { createNodeClient, type NodeClient } from '../client.ts';
import { formatDuration } from '../durations.ts';
import { CliError, exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../output/terminal.ts';
import { whatIsMissing } from './mutual-sight.ts';
import { type NodeChild, type NodeDuties, type NodeSetup, startNodeChild } from './node-child.ts';
import { type Step, startStep } from './progress.ts';

export interface DemoNode {
  child: NodeChild;
  client: NodeClient;
  address: string;
  nodeId: string;
}

export interface SwarmDeps {
  terminal: Terminal;
  env: Readonly<Record<string, string | undefined>>;
  now: () => number;
  /** Hears of every process that was started, before anything can go wrong with it. */
  onChild: (child: NodeChild) => void;
  /** Aborts when the demonstration is to end. */
  stopping: AbortSignal;
}

export interface SwarmPlan {
  folder: string;
  port: number;
  /** What each node may run, in the order of the nodes. */
  duties: readonly NodeDuties[];
}

const SEE_EACH_OTHER_WITHIN_MS = 60_000;
const ASK_AGAIN_MS = 100;

export async function bringUpSwarm({ folder, port, duties }: SwarmPlan, deps: SwarmDeps): Promise<DemoNode[]> {
  const { terminal, now, stopping } = deps;
  const [seedDuties = { programs: [], agents: {} }, ...others] = duties;
  const began = now();

  const seedFolder = join(folder, 'node-1');
  const wasThere = readNodeId(seedFolder) !== undefined;
  const founding = startStep('starting node-1 and its database', terminal);
  const seedSetup = { name: 'node-1', dataDir: seedFolder, port, duties: seedDuties, seeds: [] };
  const seed = await during(founding, bringUp(seedSetup, deps), stopping);
  founding.done(arrival(seed, wasThere ? 'is back, with what it knew' : 'is the seed', terminal));

  const known = await seed.client.listNodes();
  const joining = startStep('starting the others and their databases', terminal);
  const arrivals = others.map(async (duties, index) => {
    const name = `node-${index + 2}`;
    const dataDir = join(folder, name);
    // A key that the seed knows needs no token; a new one needs one, whatever else was there before.
    const isKnown = isIn(known, readNodeId(dataDir));
    const admission = isKnown ? {} : { joinToken: (await seed.client.createToken({})).token };
    const ownPort = port === 0 ? 0 : port + index + 1;
    const node = await bringUp({ name, dataDir, port: ownPort, duties, seeds: [seed.address], ...admission }, deps);
    return { node, words: arrival(node, isKnown ? 'is back, and needs no token' : 'joins with a token', terminal) };
  });
  const members = await during(joining, Promise.all(arrivals), stopping);
  joining.done(members.map(({ words }) => words).join(`\n  ${terminal.color.green('✓')} `));

  const nodes = [seed, ...members.map(({ node }) => node)];
  const seeing = startStep('waiting until they see each other', terminal);
  await during(seeing, seeEachOther(nodes, deps), stopping);
  seeing.done(`all see each other online ${terminal.color.dim(`after ${formatDuration(now() - began)}`)}`);
  return nodes;
}

async function bringUp(setup: NodeSetup, { env, onChild }: SwarmDeps): Promise<DemoNode> {
  const child = startNodeChild(setup, env);
  onChild(child);
  const { address, nodeId } = await child.listening;
  const token = readFileSync(join(setup.dataDir, 'operator-token'), 'utf8').trim();
  return { child, address, nodeId, client: createNodeClient({ url: address, token, hint: `see ${child.logFile}` }) };
}

const arrival = ({ child, address }: DemoNode, how: string, { color }: Terminal) =>
  `${child.name}  ${color.cyan(address)}  ${color.dim(how)}`;

/** A step that was cut short by whoever is at the keyboard has not failed. */
async function during<T>(step: Step, work: Promise<T>, stopping: AbortSignal): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (!stopping.aborted) step.failed();
    throw cause;
  }
}

async function seeEachOther(nodes: readonly DemoNode[], { now, stopping }: SwarmDeps): Promise<void> {
  const until = now() + SEE_EACH_OTHER_WITHIN_MS;
  for (;;) {
    const missing = whatIsMissing(await Promise.all(nodes.map(({ client }) => client.listNodes())));
    if (missing === undefined) return;
    if (now() > until) {
      const logs = nodes.map(({ child }) => `${child.name}${child.lastWords()}`).join('\n');
      throw new CliError(
        exitCodes.failed,
        'not_joined',
        `after ${formatDuration(SEE_EACH_OTHER_WITHIN_MS)} ${missing}\n${logs}`,
      );
    }
    await setTimeout(ASK_AGAIN_MS, undefined, { signal: stopping });
  }
}

const isIn = (nodes: readonly NodeView[], id: string | undefined) => nodes.some((node) => node.id === id);

/** Who the folder was the last time; undefined where nobody was. */
function readNodeId(dataDir: string): string | undefined {
  try {
    return readFileSync(join(dataDir, 'node-id'), 'utf8').trim();
  } catch {
    return undefined;
  }
}
