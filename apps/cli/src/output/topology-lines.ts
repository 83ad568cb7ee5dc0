/** The topology on the screen: each node with what runs there and for whom, then the branches of those who spawned. */
import type { AgentBranch, AgentView, RunningDirective, SwarmTopology, TopologyNode } from '@skein/contracts';
import { formatDuration } from '../durations.ts';
import { listed } from './report-table.ts';
import { oneLine, type Terminal } from './terminal.ts';
import { coloredAgentState, coloredStatus, shortId, usageWords } from './words.ts';

export function topologyLines(topology: SwarmTopology, terminal: Terminal, nowMs: number): string[] {
  const { color } = terminal;
  const names = new Map<string, string>(topology.nodes.map(({ nodeId, name }) => [nodeId, oneLine(name)]));
  const nameOf = (id: string) => names.get(id) ?? shortId(id);
  const words: Words = { color, nameOf, nowMs };
  const agents = topology.nodes.reduce((sum, node) => sum + node.agents.length, 0);
  const directives = topology.nodes.reduce((sum, node) => sum + node.directives.length, 0);
  const head = `${many(topology.nodes.length, 'node')}, ${many(agents, 'agent')} and ${many(directives, 'directive')} running`;
  const busy = topology.nodes.filter(isTold);
  const idle = topology.nodes.filter((node) => !isTold(node));
  return [
    color.bold(head),
    ...busy.flatMap((node) => ['', ...nodeLines(node, words)]),
    ...(idle.length > 0 ? ['', color.dim(`nothing runs on ${listed(idle)}`)] : []),
    ...topology.branches.flatMap((branch) => [
      '',
      `${color.bold(nameOf(branch.spawnedBy))} has running  ${color.dim(usageWords(branch.totals))}`,
      ...branch.roots.flatMap((root, index) => branchLines(root, index === branch.roots.length - 1, '', words)),
    ]),
  ];
}

interface Words {
  color: Terminal['color'];
  nameOf: (id: string) => string;
  nowMs: number;
}

/** An idle node that is well needs no line of its own: at forty nodes they would hide the others. */
const isTold = (node: TopologyNode) =>
  node.agents.length + node.directives.length > 0 || node.status !== 'online' || !node.answered;

function nodeLines(node: TopologyNode, { color, nameOf, nowMs }: Words): string[] {
  const group = node.group === null ? '' : color.dim(`  ${oneLine(node.group)}`);
  const self = node.isSelf ? color.dim(' (this)') : '';
  const silent = node.answered ? '' : color.yellow('  did not answer: what runs there is not known');
  const used = usageWords(node.usage);
  const head = `${color.bold(oneLine(node.name))}${self}  ${coloredStatus(node.status, color)}${group}  ${color.dim(used === '–' ? '' : used)}${silent}`;
  const work = [
    ...node.agents.map((agent) => agentWords(agent, { color, nowMs })),
    ...node.directives.map((directive) => directiveWords(directive, { color, nowMs })),
  ];
  const forWhom = [
    ...node.agents.map(({ spawnedBy }) => spawnedBy),
    ...node.directives.map((each) => each.sourceNodeId),
  ];
  return [
    head.trimEnd(),
    ...work.map((words, index) => {
      const twig = index === work.length - 1 ? '└─' : '├─';
      return `  ${color.dim(twig)} ${words}  ${color.dim(`for ${nameOf(forWhom[index] ?? '')}`)}`;
    }),
  ];
}

function agentWords(agent: AgentView, { color, nowMs }: Pick<Words, 'color' | 'nowMs'>): string {
  const took = formatDuration(Math.max(0, nowMs - Date.parse(agent.startedAt)));
  const progress = agent.progress === null ? '' : color.dim(`  “${oneLine(agent.progress)}”`);
  return `${oneLine(agent.name)}  ${coloredAgentState(agent.state, color)} ${took}${progress}`;
}

const directiveWords = ({ kind, startedAt }: RunningDirective, { color, nowMs }: Pick<Words, 'color' | 'nowMs'>) =>
  `${kind}  ${color.cyan('running')} ${formatDuration(Math.max(0, nowMs - Date.parse(startedAt)))}`;

function branchLines(branch: AgentBranch, isLast: boolean, margin: string, words: Words): string[] {
  const { color, nameOf } = words;
  const { agent, children, totals, agents } = branch;
  const below = agents > 1 ? `${many(agents, 'agent')}, ${usageWords(totals)}` : usageWords(totals);
  const line = `${margin}${color.dim(isLast ? '└─' : '├─')} ${oneLine(agent.name)} on ${nameOf(agent.nodeId)}  ${color.dim(below)}`;
  const inner = `${margin}${isLast ? '   ' : color.dim('│  ')}`;
  return [line, ...children.flatMap((child, index) => branchLines(child, index === children.length - 1, inner, words))];
}

const many = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
