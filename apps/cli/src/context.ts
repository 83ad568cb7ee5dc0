/** What every command is handed: where to write, how to reach a node, and what the time is. */
import type { Command } from 'commander';
import type { NodeClient } from './client.ts';
import type { ConnectionOptions } from './connection.ts';
import type { Terminal } from './output/terminal.ts';
import type { Signals } from './signals.ts';

export interface CliContext {
  terminal: Terminal;
  connect(options: ConnectionOptions): NodeClient;
  now(): number;
  signals: Signals;
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
}

/** Runs what a command does; it resolves with the exit code. */
export type Run = (action: () => Promise<number>) => Promise<void>;

export interface CommonOptions extends ConnectionOptions {
  json?: boolean;
}

/** The options of every command that speaks to a node. */
export function withNode(command: Command): Command {
  return command
    .option('--data-dir <folder>', "the node's data folder (default: .skein/node, else .skein/node-1)")
    .option('--url <origin>', 'the node by its address; needs --token')
    .option('--token <token>', 'the operator token (better: SKEIN_TOKEN)')
    .option('--json', 'print JSON, for programs')
    .option('--no-color', 'no colours');
}

export function printJson({ out }: Terminal, value: unknown): void {
  out(`${JSON.stringify(value, null, 2)}\n`);
}
