/** `skein steer`: a word to an agent that runs, wherever it runs. */
import { SteerAgentReply } from '@skein/contracts';
import type { Command } from 'commander';
import { requireAgentId } from '../agent-names.ts';
import { type CliContext, type CommonOptions, printJson, type Run, withNode } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { shortId } from '../output/words.ts';

export function addSteer(program: Command, { connect, terminal }: CliContext, run: Run): void {
  withNode(program.command('steer').description('put in a word with a running agent'))
    .argument('<agent>', 'its id, the beginning of it, or its name')
    .argument('<word...>', 'what to tell it')
    .action((word: string, words: string[], options: CommonOptions) =>
      run(async () => {
        const client = connect(options);
        const id = await requireAgentId(client, word);
        const body = { text: words.join(' ') };
        const reply = await client.read(SteerAgentReply, { method: 'POST', path: `/agents/${id}/steer`, body });
        if (options.json) printJson(terminal, reply);
        else terminal.out(`${reply.delivered === 'stdin' ? 'told' : 'put into its mailbox'}: ${shortId(id)}\n`);
        return exitCodes.ok;
      }),
    );
}
