/** `skein directives`, `show` and `cancel`: what was sent and received, and what became of it. */
import { type DirectiveDetail, DirectiveSide, DirectiveStatus, type DirectiveView, isFinal } from '@skein/contracts';
import { type Command, Option } from 'commander';
import { limitArgument } from '../arguments.ts';
import { type CliContext, type CommonOptions, printJson, type Run, withNode } from '../context.ts';
import { requireDirectiveId } from '../directive-ids.ts';
import { formatDuration } from '../durations.ts';
import { exitCodes } from '../exit-codes.ts';
import { directiveDetail } from '../output/directive-detail.ts';
import { formatTable } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';
import { coloredStatus, moment, orderWords, shortId } from '../output/words.ts';

export function addDirectives(program: Command, context: CliContext, run: Run): void {
  withNode(program.command('directives').description('list what this node sent and received, the newest first'))
    .addOption(new Option('--status <status>', 'only those').choices(DirectiveStatus.options))
    .option('--limit <n>', 'how many', limitArgument(1_000), 20)
    .action((options: CommonOptions & { status?: string; limit: number }) =>
      run(async () => {
        const client = context.connect(options);
        const { status, limit } = options;
        const directives = await client.listDirectives({ limit, ...(status !== undefined && { status }) });
        if (options.json) printJson(context.terminal, { directives });
        else if (directives.length === 0) context.terminal.err('no directives\n');
        else
          context.terminal.out(
            `${directivesTable(directives, await client.names(), context.terminal, context.now())}\n`,
          );
        return exitCodes.ok;
      }),
    );
}

function directivesTable(
  directives: readonly DirectiveView[],
  nameOf: (id: string) => string,
  terminal: Terminal,
  nowMs: number,
): string {
  const rows = directives.map((directive) => [
    shortId(directive.id),
    moment(directive.createdAt, nowMs),
    directive.side === 'outbox' ? `to ${nameOf(directive.targetNodeId)}` : `from ${nameOf(directive.sourceNodeId)}`,
    coloredStatus(directive.status, terminal.color),
    directive.result?.started ? formatDuration(directive.result.metrics.durationMs) : '–',
    orderWords(directive),
  ]);
  return formatTable(['id', 'at', 'node', 'status', 'took', 'order'], rows, terminal, {
    ...{ right: [4], whole: [0, 1, 3], spare: [4] },
  });
}

export function addShow(program: Command, context: CliContext, run: Run): void {
  withNode(program.command('show').description('show one directive: its order, its way and its result'))
    .argument('<id>', 'its id, or the first characters of it')
    .addOption(new Option('--side <side>', 'which end, where this node is both').choices(DirectiveSide.options))
    .action((word: string, options: CommonOptions & { side?: DirectiveSide }) =>
      run(async () => {
        const client = context.connect(options);
        const detail: DirectiveDetail = await client.getDirective(await requireDirectiveId(client, word), options.side);
        if (options.json) printJson(context.terminal, detail);
        else context.terminal.out(directiveDetail(detail, await client.names(), context.terminal));
        return exitCodes.ok;
      }),
    );
}

export function addCancel(program: Command, context: CliContext, run: Run): void {
  withNode(program.command('cancel').description('ask for the end of a directive that this node sent'))
    .argument('<id>', 'its id, or the first characters of it')
    .action((word: string, options: CommonOptions) =>
      run(async () => {
        const client = context.connect(options);
        const directive = await client.cancel(await requireDirectiveId(client, word));
        const { terminal } = context;
        if (options.json) printJson(terminal, { directive });
        else if (!isFinal(directive.status)) terminal.out(`asked for the end of ${directive.id}\n`);
        else terminal.out(`${directive.id} is ${coloredStatus(directive.status, terminal.color)}\n`);
        return exitCodes.ok;
      }),
    );
}
