/** The topology on the screen: each node with what runs there and for whom, then the branches of those who spawned. */
import type { AgentBranch, AgentView, RunningDirective, SwarmTopology, TopologyNode } from '@skein/contracts';
import { formatDuration } from '../durations.ts';
import { oneLine, type Terminal } from './terminal.ts';
import { cutName, cutTo } from './text-width.ts';
import { ago, coloredAgentState, coloredStatus, listed, shortId, usageWords } from './words.ts';

interface Words extends Pick<Terminal, 'color' | 'width'> {
  nameOf: (id: string) => string;
  /** When a node was last heard of here. */
  lastHeardOf: (id: string) => string | null;
  nowMs: number;
}

export function topologyLines(
  topology: SwarmTopology,
  { color, width }: Pick<Terminal, 'color' | 'width'>,
  nowMs: number,
  lastHeardOf: Words['lastHeardOf'] = () => null,
  /** Of who is no node there, such as an instance of CortexPrism. */
  otherName: (id: string) => string = shortId,
): string[] {
  const names = new Map<string, string>(topology.nodes.map(({ nodeId, name }) => [nodeId, nameIn(name, width)]));
  const nameOf = (id: string) => names.get(id) ?? cutName(otherName(id), width);
  const words: Words = { color, width, nameOf, lastHeardOf, nowMs };
  const agents = topology.nodes.reduce((sum, node) => sum + node.agents.length, 0);
  const directives = topology.nodes.reduce((sum, node) => sum + node.directives.length, 0);
  const head = `${many(topology.nodes.length, 'node')}, ${many(agents, 'agent')} and ${many(directives, 'directive')} running`;
  const busy = topology.nodes.filter(isTold);
  const idle = topology.nodes.filter((node) => !isTold(node)).map(({ name }) => nameIn(name, width));
  const prefix = 'nothing runs on ';
  const lines = [
    color.bold(head),
    ...busy.flatMap((node) => ['', ...nodeLines(node, words)]),
    ...(idle.length > 0 ? ['', color.dim(prefix + listed(idle, width - prefix.length))] : []),
    ...topology.branches.flatMap((branch) => [
      '',
      `${color.bold(nameOf(branch.spawnedBy))} has running  ${color.dim(usageWords(branch.totals))}`,
      ...branch.roots.flatMap((root, index) => branchLines(root, index === branch.roots.length - 1, '', words)),
    ]),
  ];
  return lines.map((line) => cutTo(line, width));
}

const nameIn = (name: string, width: number) => cutName(oneLine(name), width);

/** An idle node that is well needs no line of its own: at forty nodes they would hide the others. */
const isTold = (node: TopologyNode) =>
  node.agents.length + node.directives.length > 0 || node.status !== 'online' || !node.answered;

/** What the node's work used stands for a day, what its agents and the branches used for themselves. */
function nodeLines(node: TopologyNode, words: Words): string[] {
  const { color, width } = words;
  const used = usageWords(node.usage);
  const head = [
    color.bold(nameIn(node.name, width)) + (node.isSelf ? color.dim(' (this)') : ''),
    coloredStatus(node.status, color),
    node.answered ? '' : color.yellow('did not answer: what runs there is not known'),
    node.group === null ? '' : color.dim(nameIn(node.group, width)),
    used === '–' ? '' : color.dim(`24 h: ${used}`),
  ];
  const work = [
    ...node.agents.map((agent) => agentWords(agent, node, words)),
    ...node.directives.map((directive) => directiveWords(directive, words)),
  ];
  return [
    head.filter((part) => part !== '').join('  '),
    ...work.map((text, index) => `  ${color.dim(index === work.length - 1 ? '└─' : '├─')} ${text}`),
  ];
}

/** What is most likely to be too long comes last. */
function agentWords(agent: AgentView, node: TopologyNode, { color, width, nameOf, lastHeardOf, nowMs }: Words): string {
  const heardAt = node.answered ? null : lastHeardOf(node.nodeId);
  const took = formatDuration(Math.max(0, nowMs - Date.parse(agent.startedAt)));
  const state = coloredAgentState(agent.state, color);
  const since = heardAt === null ? '' : `, ${ago(heardAt, nowMs)}`;
  const parts = [
    `${nameIn(agent.name, width)} ${color.dim(shortId(agent.id))}`,
    node.answered ? `${state} ${took}` : `last seen ${state}${since}`,
    color.dim(`for ${nameOf(agent.spawnedBy)}`),
    agent.progress === null ? '' : color.dim(`“${oneLine(agent.progress)}”`),
  ];
  return parts.filter((part) => part !== '').join('  ');
}

function directiveWords({ id, kind, startedAt, sourceNodeId }: RunningDirective, { color, nameOf, nowMs }: Words) {
  const took = formatDuration(Math.max(0, nowMs - Date.parse(startedAt)));
  const state = `${color.cyan('running')} ${took}`;
  return `${kind} ${color.dim(shortId(id))}  ${state}  ${color.dim(`for ${nameOf(sourceNodeId)}`)}`;
}

function branchLines(branch: AgentBranch, isLast: boolean, margin: string, words: Words): string[] {
  const { color, width, nameOf } = words;
  const { agent, children, totals, agents } = branch;
  const below = agents > 1 ? `${many(agents, 'agent')}, ${usageWords(totals)}` : usageWords(totals);
  const name = `${nameIn(agent.name, width)} ${color.dim(shortId(agent.id))}`;
  const line = `${margin}${color.dim(isLast ? '└─' : '├─')} ${name} on ${nameOf(agent.nodeId)}  ${color.dim(below)}`;
  const inner = `${margin}${isLast ? '   ' : color.dim('│  ')}`;
  return [line, ...children.flatMap((child, index) => branchLines(child, index === children.length - 1, inner, words))];
}

const many = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
