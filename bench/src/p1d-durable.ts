import { createDatabases } from './a2a/databases.ts';
import { measureServers, type RunningServer } from './a2a/measure-servers.ts';
import type { Figure } from './harness/figure.ts';
import { createPrograms } from './harness/pinned.ts';

const coalesced = 'bare coalesced';
const oneEvent = 'SDK, one event';

const contenders = [
  { name: 'ours', module: 'a2a/servers/ours-postgres', args: [] },
  { name: coalesced, module: 'a2a/servers/bare-coalesced', args: [] },
  { name: oneEvent, module: 'a2a/servers/sdk-postgres', args: ['one'] },
  { name: 'SDK, three events', module: 'a2a/servers/sdk-postgres', args: ['three'] },
] as const;

/** P1d: what the server costs when nothing is answered before its task is committed. */
export const p1d: Figure = {
  name: 'P1d',
  title: 'A2A server, task committed to PostgreSQL before the answer, 32 connections',
  async run(settings) {
    await using databases = createDatabases();
    using programs = createPrograms();
    const { program: load } = await programs.start('a2a/loader', { core: 'load' });
    const servers: RunningServer[] = [];
    for (const { name, module, args } of contenders) {
      const target = JSON.stringify(await databases.start(name));
      const { program, ready } = await programs.start(module, { core: 'server', args: [...args, target] });
      servers.push({ name, program, port: (ready as { port: number }).port }); // as `becomeServer` says it
    }
    return {
      sections: [
        {
          title: 'SendMessage',
          measured: await measureServers(servers, load, 'SendMessage', { ...settings, connections: 32 }),
          goals: [
            { ours: 'ours', against: oneEvent, atLeast: 6 },
            { ours: 'ours', against: coalesced, atLeast: 0.65 },
          ],
          known: [{ peer: oneEvent, limit: coalesced, ratio: 1_600 / 12_700 }],
        },
      ],
      notes: [`${databases.describe()}; one server for each contender, on whatever core is free`],
    };
  },
};
