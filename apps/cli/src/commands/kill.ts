/** `skein kill`: the end of an agent with every process of it, wherever it runs. */
import { AgentReply } from '@skein/contracts';
import type { Command } from 'commander';
import { requireAgentId } from '../agent-names.ts';
import { type CliContext, type CommonOptions, printJson, type Run, withNode } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { oneLine } from '../output/terminal.ts';
import { coloredAgentState, shortId } from '../output/words.ts';

export function addKill(program: Command, { connect, terminal }: CliContext, run: Run): void {
  withNode(program.command('kill').description('end an agent and every process of it, wherever it runs'))
    .argument('<agent>', 'its id, the beginning of it, or its name')
    .option('--reason <text>', 'for those who ask why')
    .action((word: string, options: CommonOptions & { reason?: string }) =>
      run(async () => {
        const client = connect(options);
        const id = await requireAgentId(client, word);
        const body = options.reason === undefined ? {} : { reason: options.reason };
        const { agent } = await client.read(AgentReply, { method: 'POST', path: `/agents/${id}/kill`, body });
        const state = coloredAgentState(agent.state, terminal.color);
        if (options.json) printJson(terminal, { agent });
        else terminal.out(`${oneLine(agent.name)} ${shortId(id)} is ${state}\n`);
        return exitCodes.ok;
      }),
    );
}
