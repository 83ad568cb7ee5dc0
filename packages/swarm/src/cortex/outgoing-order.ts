/** Our orders in CortexPrism's words. What it would not do as it was meant is not sent. */
import type { DirectiveKind, Order, SyncStatePayload } from '@skein/contracts';
import { SendEnded } from '../directives/send-failure.ts';
import { CortexResource } from './incoming-order.ts';

type PayloadOf<K extends DirectiveKind> = Extract<Order, { kind: K }>['payload'];

const payloads = {
  query_resources: () => ({}),
  spawn_agent({ agentType, instruction, mode, context, limits, announceTo }) {
    if (mode === 'detach') throw unsupported('an agent is always waited for: use the mode "wait"');
    if (context || limits || announceTo)
      throw unsupported('an agent is given an instruction and a type alone: leave out context, limits and announceTo');
    return { instruction, agentType };
  },
  execute_task(payload) {
    const [program, word, code, ...rest] = 'command' in payload ? payload.command : [];
    const plain = Object.keys(payload).every((key) => key === 'command');
    if (program === 'deno' && word === 'eval' && code !== undefined && rest.length === 0 && plain)
      return { command: code };
    throw unsupported('it runs JavaScript alone: give the command deno eval CODE, and nothing beside it');
  },
  forward_message({ to, message, contextId }) {
    const texts = message.parts.map(({ text }) => text);
    if (!('session' in to) || contextId !== undefined || texts.some((text) => text === undefined))
      throw unsupported('a message is text for a session: no agent, no contextId, no other parts');
    return { message: texts.join('\n'), targetSessionId: to.session };
  },
  sync_state: (payload) => ({ state: { resources: resourcesOf(payload) } }),
} as const satisfies { [K in DirectiveKind]: (payload: PayloadOf<K>) => Record<string, unknown> };

/** Errors: SendEnded, rejected. */
export function toCortexPayload(order: Order): Record<string, unknown> {
  switch (order.kind) {
    case 'query_resources':
      return payloads.query_resources();
    case 'spawn_agent':
      return payloads.spawn_agent(order.payload);
    case 'execute_task':
      return payloads.execute_task(order.payload);
    case 'forward_message':
      return payloads.forward_message(order.payload);
    case 'sync_state':
      return payloads.sync_state(order.payload);
    default:
      return order satisfies never;
  }
}

/** The state that it takes in is figures of agents, and nothing else. */
function resourcesOf({ entries }: SyncStatePayload): CortexResource[] {
  return entries.map((entry) => {
    const resource = 'value' in entry ? CortexResource.safeParse(entry.value) : undefined;
    if (resource?.success) return resource.data;
    throw unsupported('the only state that it takes are figures of agents: values with an agentId and numbers');
  });
}

const unsupported = (what: string) =>
  new SendEnded('rejected', { reason: 'cortex_unsupported', message: `CortexPrism cannot be asked for this: ${what}` });
