/** `skein state`: this node's copy of the shared state, and its exchange with another node's. */
import { NamespaceList, StateEntryView, StateList, StateSyncReply } from '@skein/contracts';
import type { Command } from 'commander';
import { sayIfAway } from '../aim-words.ts';
import { parseJson } from '../arguments.ts';
import { type CliContext, type CommonOptions, printJson, type Run, withNode } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { untilLeft } from '../leaving.ts';
import { nodeNamer, requireNode } from '../node-names.ts';
import { formatTable } from '../output/table.ts';
import { oneLine } from '../output/terminal.ts';
import { ago, count, formatBytes } from '../output/words.ts';

export function addState(program: Command, context: CliContext, run: Run): void {
  const { terminal, connect, now } = context;
  const state = program.command('state').description('shared state: namespaces of entries that nodes merge');
  const pathOf = (namespace: string, key?: string) =>
    `/state/${encodeURIComponent(namespace)}${key === undefined ? '' : `/${encodeURIComponent(key)}`}`;

  withNode(state.command('namespaces', { isDefault: true }).description('list the namespaces of this node')).action(
    (options: CommonOptions) =>
      run(async () => {
        const reply = await connect(options).read(NamespaceList, { method: 'GET', path: '/state' });
        const rows = reply.namespaces.map(({ name, entries, bytes, maxEntries, maxBytes }) => [
          oneLine(name),
          `${count(entries)} of ${count(maxEntries)}`,
          `${formatBytes(bytes)} of ${formatBytes(maxBytes)}`,
        ]);
        if (options.json) printJson(terminal, reply);
        else terminal.out(`${formatTable(['namespace', 'entries', 'size'], rows, terminal, { right: [1, 2] })}\n`);
        return exitCodes.ok;
      }),
  );

  withNode(state.command('list').description('list the entries of a namespace'))
    .argument('<namespace>')
    .action((namespace: string, options: CommonOptions) =>
      run(async () => {
        const client = connect(options);
        const { entries } = await client.read(StateList, { method: 'GET', path: pathOf(namespace) });
        if (options.json) printJson(terminal, { entries });
        else if (entries.length === 0) terminal.err('nothing stands there\n');
        else {
          const nameOf = nodeNamer(await client.listNodes());
          const rows = entries.map(({ key, version, updatedAt, value }) => [
            oneLine(key),
            nameOf(version.nodeId),
            String(version.counter),
            ago(updatedAt, now()),
            oneLine(JSON.stringify(value)),
          ]);
          terminal.out(
            `${formatTable(['key', 'by', 'version', 'here since', 'value'], rows, terminal, { right: [2] })}\n`,
          );
        }
        return exitCodes.ok;
      }),
    );

  withNode(state.command('get').description('print one value, as JSON'))
    .argument('<namespace>')
    .argument('<key>')
    .action((namespace: string, key: string, options: CommonOptions) =>
      run(async () => {
        const entry = await connect(options).read(StateEntryView, { method: 'GET', path: pathOf(namespace, key) });
        printJson(terminal, options.json ? entry : entry.value);
        return exitCodes.ok;
      }),
    );

  withNode(state.command('put').description('write one value'))
    .argument('<namespace>')
    .argument('<key>')
    .argument('<json>', 'any JSON; text in quotes')
    .action((namespace: string, key: string, text: string, options: CommonOptions) =>
      run(async () => {
        const body = { value: parseJson(text, 'the value (text stands in quotes: \'"text"\')') };
        const path = pathOf(namespace, key);
        const entry = await connect(options).read(StateEntryView, { method: 'PUT', path, body });
        if (options.json) printJson(terminal, entry);
        else terminal.out(`${oneLine(key)} is at version ${entry.version.counter}\n`);
        return exitCodes.ok;
      }),
    );

  withNode(state.command('delete').description('delete one entry; the deletion travels too'))
    .argument('<namespace>')
    .argument('<key>')
    .action((namespace: string, key: string, options: CommonOptions) =>
      run(async () => {
        const path = pathOf(namespace, key);
        const entry = await connect(options).read(StateEntryView, { method: 'DELETE', path });
        if (options.json) printJson(terminal, entry);
        else terminal.out(`${oneLine(key)} is deleted\n`);
        return exitCodes.ok;
      }),
    );

  withNode(state.command('sync').description('exchange a namespace with another node, both ways'))
    .argument('<namespace>')
    .requiredOption('--with <node>', 'its name or id')
    .action((namespace: string, options: CommonOptions & { with: string }) =>
      run(async () => {
        const client = connect(options);
        const node = requireNode(await client.listNodes(), options.with);
        const name = oneLine(node.name);
        const body = { nodeId: node.id };
        sayIfAway(node, terminal, options.json);
        const goesOn = () => `what was begun with ${name} goes on; see 'skein directives'`;
        const path = `${pathOf(namespace)}/sync`;
        const reply = await untilLeft(context, goesOn, (signal) =>
          client.read(StateSyncReply, { method: 'POST', path, body, signal, withinMs: 200_000 }),
        );
        if (options.json) printJson(terminal, reply);
        else {
          terminal.out(`${count(reply.sent)} to ${name}, ${count(reply.received)} from there\n`);
          for (const { key, reason } of reply.refused) terminal.err(`skein: ${oneLine(`${key}: ${reason}`)}\n`);
        }
        return reply.refused.length > 0 ? exitCodes.refused : exitCodes.ok;
      }),
    );
}
