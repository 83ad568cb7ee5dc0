/** `skein token create`: what an operator carries to a new node. */
import { Tier } from '@skein/contracts';
import { type Command, Option } from 'commander';
import { durationArgument, groupArgument } from '../arguments.ts';
import { type CliContext, type CommonOptions, printJson, type Run, withNode } from '../context.ts';
import { formatDuration } from '../durations.ts';
import { exitCodes } from '../exit-codes.ts';

interface TokenOptions extends CommonOptions {
  tier?: Tier;
  group?: string;
  ttl?: number;
}

export function addToken(program: Command, context: CliContext, run: Run): void {
  const token = program.command('token').description('join tokens');
  withNode(token.command('create').description('make a token that admits one node once'))
    .addOption(new Option('--tier <tier>', 'the rights it grants').choices(Tier.options).default('unprivileged'))
    .option('--group <name>', 'the group that it puts the node in', groupArgument)
    .option('--ttl <duration>', 'how long it can be used (default: 10m)', durationArgument)
    .action((options: TokenOptions) =>
      run(async () => {
        const { tier, group, ttl } = options;
        const client = context.connect(options);
        const reply = await client.createToken({
          ...(tier && { tier }),
          ...(group !== undefined && { group }),
          ...(ttl !== undefined && { ttlMs: ttl }),
        });
        const { terminal } = context;
        if (options.json) printJson(terminal, reply);
        else terminal.out(`${reply.token}\n`);
        // Beside the token and not around it, so that a script can take the token as it is.
        if (!options.json && terminal.isTty)
          terminal.err(terminal.color.dim(usage(client.url, reply.expiresAt, context.now())));
        return exitCodes.ok;
      }),
    );
}

function usage(url: string, expiresAt: string, nowMs: number): string {
  const left = formatDuration(Math.max(0, Date.parse(expiresAt) - nowMs));
  return `\nIt admits one node once, within ${left}. On the other node:\n  SKEIN_JOIN_TOKEN=… skein up --seed ${url}\n`;
}
