import { measureServers, type RunningServer } from './a2a/measure-servers.ts';
import type { OperationName } from './a2a/requests.ts';
import type { Figure, Section } from './harness/figure.ts';
import { createPrograms } from './harness/pinned.ts';

const bare = 'bare node:http';
const oneEvent = 'SDK, one event';
const threeEvents = 'SDK, three events';

const contenders = [
  { name: 'ours', module: 'a2a/servers/ours', args: [] },
  { name: bare, module: 'a2a/servers/bare', args: [] },
  { name: oneEvent, module: 'a2a/servers/sdk', args: ['one'] },
  { name: threeEvents, module: 'a2a/servers/sdk', args: ['three'] },
] as const;

/**
 * What is asked, and how the SDK stood to the limit where the goals were set. Our agent always says three things; the
 * SDK's may hand over a whole task at once, which is the most that can be made of it: we are held to that one.
 */
const operations: readonly { operation: OperationName; peer: string; ofBare: number; known: number }[] = [
  { operation: 'SendMessage', peer: oneEvent, ofBare: 0.65, known: 2_700 / 23_200 },
  { operation: 'GetTask', peer: oneEvent, ofBare: 0.65, known: 3_900 / 36_700 },
  { operation: 'SendStreamingMessage', peer: threeEvents, ofBare: 0.6, known: 1_900 / 19_800 },
];

/** P1: what the server itself costs, with its tasks in memory. */
export const p1: Figure = {
  name: 'P1',
  title: 'A2A server, 32 connections',
  async run(settings) {
    using programs = createPrograms();
    const { program: load } = await programs.start('a2a/loader', { core: 'load' });
    const servers: RunningServer[] = [];
    for (const { name, module, args } of contenders) {
      const { program, ready } = await programs.start(module, { core: 'server', args });
      servers.push({ name, program, port: (ready as { port: number }).port }); // as `becomeServer` says it
    }
    const sections: Section[] = [];
    for (const { operation, peer, ofBare, known } of operations) {
      const able = servers.filter(({ name }) => name !== oneEvent || operation !== 'SendStreamingMessage');
      sections.push({
        title: operation,
        measured: await measureServers(able, load, operation, { ...settings, connections: 32 }),
        goals: [
          { ours: 'ours', against: peer, atLeast: 6 },
          { ours: 'ours', against: bare, atLeast: ofBare },
        ],
        known: [{ peer, limit: bare, ratio: known }],
      });
    }
    return { sections, notes: ['tasks in memory, each server with its default store'] };
  },
};
