/** A directive from its sending to its end, on the screen: what it says as it says it, and what a Ctrl-C does to it. */
import type { DirectiveResult, DirectiveUpdate } from '@skein/contracts';
import type { NodeClient } from '../client.ts';
import type { CliContext } from '../context.ts';
import { CliError, exitCodes } from '../exit-codes.ts';
import { printable, type Terminal } from '../output/terminal.ts';

interface FollowOptions {
  /** For programs: nothing is shown but the end, which the caller shows. */
  json: boolean;
  /** What a Ctrl-C asks the end of; without it the directive is left to itself. */
  cancels?: string;
}

export interface DirectiveEnd {
  directiveId: string;
  result: DirectiveResult;
}

/** A first Ctrl-C cancels, and the word of the end is waited for, or it leaves; a second one leaves in any case. */
export async function followDirective(
  updates: (signal: AbortSignal) => AsyncIterable<DirectiveUpdate>,
  client: Pick<NodeClient, 'cancel'>,
  { terminal, signals }: Pick<CliContext, 'terminal' | 'signals'>,
  { json, cancels }: FollowOptions,
): Promise<DirectiveEnd> {
  let id: string | undefined;
  let unwanted = false;
  const leaving = new AbortController();
  const cancel = (directiveId: string) =>
    void client.cancel(directiveId).catch((cause) => terminal.err(`skein: it was not cancelled: ${cause.message}\n`));
  const release = signals.listen((signal, count) => {
    if (count > 1) return signals.endAtOnce(signal);
    if (cancels === undefined) return leaving.abort();
    unwanted = true;
    if (!json) terminal.err(`skein: asking for ${cancels}; Ctrl-C again to leave it to itself\n`);
    if (id !== undefined) cancel(id);
  });
  try {
    for await (const update of updates(leaving.signal)) {
      if (id === undefined && unwanted) cancel(update.directiveId);
      id = update.directiveId;
      if (update.type === 'result') return { directiveId: id, result: update.result };
      if (update.type === 'output' && !json) show(update, terminal);
    }
  } catch (cause) {
    throw unfollowed(cause, id, leaving.signal);
  } finally {
    release();
  }
  const message = `the node ended its answer before the directive's end. ${goesOn(id)}`;
  throw new CliError(exitCodes.unreachable, 'stream_ended', message);
}

function unfollowed(cause: unknown, id: string | undefined, { aborted }: AbortSignal): unknown {
  if (aborted) return new CliError(exitCodes.interrupted, 'interrupted', `left. ${goesOn(id)}`, { cause });
  if (id === undefined || !(cause instanceof CliError)) return cause;
  return new CliError(cause.exitCode, cause.reason, `${cause.message}. ${goesOn(id)}`, { cause });
}

const goesOn = (id: string | undefined) =>
  id === undefined ? "What was stored of it goes on; see 'skein directives'" : `It goes on; see 'skein show ${id}'`;

function show({ stream, text }: { stream: 'stdout' | 'stderr'; text: string }, terminal: Terminal): void {
  const shown = terminal.isTty ? printable(text) : text;
  if (stream === 'stdout') terminal.out(shown);
  else terminal.err(shown);
}
