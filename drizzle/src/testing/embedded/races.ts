/** Lets several nodes start on one folder at the same moment: one gets it, and each other is told who has it. */
import { launchNode, stopNode } from './node-under-test.ts';
import { eventually, processesOf } from './processes-of.ts';

export interface RaceFigures {
  races: number;
  /** Races that did not end with exactly one owner. */
  withoutOneOwner: number;
  /** Refusals that did not name the owner. */
  unnamedRefusals: number;
  slowestMs: number;
}

export async function runRaces(options: { folder: string; contenders: readonly number[] }): Promise<RaceFigures> {
  const { folder, contenders } = options;
  const figures: RaceFigures = { races: contenders.length, withoutOneOwner: 0, unnamedRefusals: 0, slowestMs: 0 };
  for (const [race, count] of contenders.entries()) {
    const nodes = Array.from({ length: count }, (_, number) =>
      launchNode({ folder, owner: `race ${race} node ${number}` }),
    );
    await Promise.all(nodes.map((node) => node.heard('ready')));
    const startedAt = performance.now();
    for (const node of nodes) node.tell('go');
    const said = await Promise.all(nodes.map((node) => node.heard('owned', 'refused')));
    figures.slowestMs = Math.max(figures.slowestMs, Math.round(performance.now() - startedAt));
    const winners = nodes.filter((_, number) => said[number]?.event === 'owned');
    if (winners.length !== 1) figures.withoutOneOwner++;
    for (const one of said)
      if (one.event === 'refused' && (one.code !== 'FOLDER_IN_USE' || one.owner !== winners[0]?.owner))
        figures.unnamedRefusals++;
    await Promise.all(winners.map(stopNode));
    await Promise.all(nodes.map((node) => node.ended));
    await eventually('the race has left no process', () => processesOf(folder).length === 0);
  }
  return figures;
}
