/** `skein watch`: what happens in the swarm, as this node sees it, line by line. */
import { SWARM_EVENT_TYPES, type SwarmEvent, WatchedEvent } from '@skein/contracts';
import type { Command } from 'commander';
import { wrongUsage } from '../arguments.ts';
import { type CliContext, type CommonOptions, type Run, withNode } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { eventWords } from '../output/event-words.ts';
import { hour } from '../output/words.ts';

interface WatchOptions extends CommonOptions {
  only?: string[];
  beats?: boolean;
}

const REFRESH_NAMES_MS = 10_000;

export function addWatch(program: Command, context: CliContext, run: Run): void {
  withNode(program.command('watch').description('show what happens, as it happens, until Ctrl-C'))
    .option('--only <prefix...>', 'events whose name begins so: node, directive, agent, mail, state, seed, heartbeat')
    .option('--beats', 'heartbeats too')
    .action((options: WatchOptions) => run(() => watch(options, context)));
}

async function watch(options: WatchOptions, { connect, terminal, signals, now }: CliContext): Promise<number> {
  const types = wantedTypes(options);
  const client = connect(options);
  let nameOf = await client.names();
  let namedAt = now();
  const leaving = new AbortController();
  const release = signals.listen((signal, count) => (count > 1 ? signals.endAtOnce(signal) : leaving.abort()));
  if (!options.json && terminal.isTty) terminal.err(terminal.color.dim('watching, until Ctrl-C\n'));
  try {
    for await (const { at, event } of client.stream(WatchedEvent, {
      method: 'GET',
      path: types ? `/events?types=${types.join(',')}` : '/events',
      signal: leaving.signal,
    })) {
      if (options.json) {
        terminal.out(`${JSON.stringify({ at, event })}\n`);
        continue;
      }
      if (now() - namedAt >= REFRESH_NAMES_MS || event.type === 'node.admitted') {
        nameOf = await client.names();
        namedAt = now();
      }
      terminal.out(`${terminal.color.dim(hour(at, true))}  ${eventWords(event, nameOf, terminal)}\n`);
    }
    return exitCodes.ok;
  } catch (cause) {
    if (leaving.signal.aborted) return exitCodes.ok;
    throw cause;
  } finally {
    release();
  }
}

/** Undefined for all of them. A prefix that means nothing would be silent for ever. */
function wantedTypes({ only, beats }: WatchOptions): SwarmEvent['type'][] | undefined {
  const unknown = only?.find((prefix) => !SWARM_EVENT_TYPES.some((type) => type.startsWith(prefix)));
  if (unknown !== undefined)
    throw wrongUsage(`--only ${unknown}: no event begins so; there are ${SWARM_EVENT_TYPES.join(', ')}`);
  if (only) return SWARM_EVENT_TYPES.filter((type) => only.some((prefix) => type.startsWith(prefix)));
  return beats ? undefined : SWARM_EVENT_TYPES.filter((type) => !type.startsWith('heartbeat.'));
}
