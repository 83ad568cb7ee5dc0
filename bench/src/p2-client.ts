import type { Figure } from './harness/figure.ts';
import { createPrograms } from './harness/pinned.ts';
import { type Contender, measureInTurn, type Slice } from './harness/rounds.ts';

const undici = 'undici request';
const sdk = "the SDK's client";

const contenders = [
  { name: 'ours', module: 'a2a/clients/ours' },
  { name: undici, module: 'a2a/clients/undici' },
  { name: sdk, module: 'a2a/clients/sdk' },
] as const;

/** P2: what the client itself costs. Here it is the client that has a core for itself, and the bare server the other. */
export const p2: Figure = {
  name: 'P2',
  title: 'A2A client against the bare server, SendMessage, 64 in flight',
  async run(settings) {
    using programs = createPrograms();
    const { ready } = await programs.start('a2a/servers/bare', { core: 'load' });
    const { port } = ready as { port: number }; // as `becomeServer` says it
    const clients: Contender[] = [];
    for (const { name, module } of contenders) {
      const { program } = await programs.start(module, { core: 'server' });
      const asked = { port, inFlight: 64, warmUpMs: 150 };
      // What comes is our own program's answer.
      clients.push({ name, slice: async (countedMs) => (await program.ask({ ...asked, countedMs })) as Slice });
    }
    const measured = await measureInTurn(clients, settings);
    return {
      sections: [
        {
          title: 'SendMessage',
          measured,
          goals: [
            { ours: 'ours', against: sdk, atLeast: 8 },
            { ours: 'ours', against: undici, atLeast: 0.75 },
          ],
          known: [{ peer: sdk, limit: undici, ratio: 2_000 / 20_300 }],
        },
      ],
      notes: ['the client on core 0, the bare server on core 1'],
    };
  },
};
