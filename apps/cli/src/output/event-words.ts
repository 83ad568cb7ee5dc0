/** An event in a few words. */
import type { SwarmEvent } from '@skein/contracts';
import { recipientWords } from './mail-tables.ts';
import { oneLine, type Terminal } from './terminal.ts';
import { coloredAgentState, coloredStatus, shortId, usageWords } from './words.ts';

export function eventWords(event: SwarmEvent, nameOf: (id: string) => string, { color }: Terminal): string {
  const because = (reason: string | null) => (reason === null ? '' : color.dim(`  ${oneLine(reason)}`));
  switch (event.type) {
    case 'node.liveness_changed':
      return `${nameOf(event.nodeId)}  ${color.dim(event.from)} → ${coloredStatus(event.to, color)}`;
    case 'node.eligibility_changed':
      return `${nameOf(event.nodeId)}  ${color.dim(event.from)} → ${color.bold(event.to)}${because(event.reason)}`;
    case 'node.admitted':
      return `${oneLine(event.name)}  ${color.green('admitted')}  ${color.dim(`life ${event.incarnation}`)}`;
    case 'node.removed':
      return `${oneLine(event.name)}  ${color.yellow('removed')}`;
    case 'seed.joined':
      return `${nameOf(event.nodeId)}  ${color.green('joined as seed')}  ${color.dim(event.seed)}`;
    case 'seed.failed':
      return `${oneLine(event.seed)}  ${color.red('seed does not answer')}${because(event.reason)}`;
    case 'heartbeat.answered':
      return `${nameOf(event.nodeId)}  ${color.dim('heartbeat answered')}`;
    case 'heartbeat.failed':
      return `${nameOf(event.nodeId)}  ${color.red('heartbeat failed')}${because(event.reason)}`;
    case 'directive.status_changed': {
      const way = event.side === 'outbox' ? `to ${nameOf(event.peer)}` : `from ${nameOf(event.peer)}`;
      const status = coloredStatus(event.status, color);
      return `${shortId(event.directiveId)}  ${event.kind ?? 'directive'} ${way}  ${status}${because(event.reason)}`;
    }
    case 'agent.changed':
    case 'agent.ended': {
      const { id, name, nodeId, state, progress, usage } = event.agent;
      const says = progress === null ? '' : `  “${oneLine(progress)}”`;
      const used = color.dim(`  ${usageWords(usage)}${says}`);
      return `${shortId(id)}  agent ${oneLine(name)} on ${nameOf(nodeId)}  ${coloredAgentState(state, color)}${used}`;
    }
    case 'agent.lost_sight':
      return `${shortId(event.agentId)}  agent on ${nameOf(event.nodeId)}  ${color.yellow('out of sight')}`;
    case 'mail.received':
      return `${shortId(event.mailId)}  mail for ${recipientWords(event.recipient)} from ${nameOf(event.sourceNodeId)}`;
    case 'state.merged':
      return `state ${oneLine(event.namespace)}  ${event.keys.length} from ${nameOf(event.sourceNodeId)}`;
    default:
      return event satisfies never;
  }
}
