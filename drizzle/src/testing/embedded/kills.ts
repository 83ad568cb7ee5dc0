/**
 * Kills a writing node, its server, or both, again and again, and counts what was lost. The one promise: a row that was
 * acknowledged is there. The others: somebody answers again soon, and nothing is left running when a node is gone.
 */
import { join } from 'node:path';
import { type Random, systemClock } from '@skein/contracts/runtime';
import { connect } from '../../connect.ts';
import { startEmbeddedPostgres } from '../../embedded/embedded-postgres.ts';
import { readPidFile } from '../../embedded/postmaster.ts';
import { signalProcess } from '../../embedded/process-table.ts';
import { type NodeUnderTest, startNode, stopNode } from './node-under-test.ts';
import { eventually, processesOf, watchersOf } from './processes-of.ts';

export const killKinds = ['node', 'server', 'both', 'backend', 'node-and-watcher', 'node-taken-over'] as const;
type KillKind = (typeof killKinds)[number];

export interface KillFigures {
  rounds: number;
  acknowledgedRows: number;
  lostRows: number;
  /** From the kill to the next acknowledged row, or to the next owner. */
  slowestRecoveryMs: number;
  processesLeft: number;
}

interface KillOptions {
  folder: string;
  rounds: readonly KillKind[];
  random: Random;
  onRound?: (kind: KillKind, recoveryMs: number) => void;
}

const idsPerLife = 10_000_000;

export async function runKills({ folder, rounds, random, onRound }: KillOptions): Promise<KillFigures> {
  const clusterFolder = join(folder, 'pg');
  const serverPids = new Set<number>();
  const lives: NodeUnderTest[] = [];
  let slowestRecoveryMs = 0;

  const live = async () => {
    const owner = `node life-${lives.length} pid ${process.pid}`;
    const { node, said } = await startNode({ folder, owner, firstId: lives.length * idsPerLife });
    if (said.event === 'refused') throw new Error(`a node alone was refused: ${said.message}`);
    lives.push(node);
    node.tell('write');
    return node;
  };
  const serverPid = () => {
    const pid = readPidFile(clusterFolder)?.pid;
    if (pid === undefined) throw new Error('a node owns this folder, and no server has a pid file in it');
    serverPids.add(pid);
    return pid;
  };
  const allEnded = () => eventually('every process of the cluster has ended', () => processesOf(folder).length === 0);

  /** Each leaves a node that acknowledges rows. */
  const kills: Record<KillKind, (node: NodeUnderTest) => Promise<NodeUnderTest>> = {
    server: async (node) => {
      const killed = serverPid();
      signalProcess(killed, 'SIGKILL');
      await eventually('another server is ready', () => {
        const found = readPidFile(clusterFolder);
        return found !== undefined && found.pid !== killed && found.state === 'ready';
      });
      await node.acknowledges(1);
      return node;
    },
    backend: async (node) => {
      const victims = processesOf(folder).filter(({ commandLine }) => commandLine.includes('skein postgres [local]'));
      const victim = victims[Math.floor(random.next() * victims.length)];
      if (victim) signalProcess(victim.pid, 'SIGKILL');
      await eventually('that backend has ended', () => !processesOf(folder).some(({ pid }) => pid === victim?.pid));
      await node.acknowledges(1);
      return node;
    },
    node: async (node) => {
      await node.kill();
      await allEnded();
      return live();
    },
    'node-taken-over': async (node) => {
      await node.kill();
      return live(); // while the watcher is still ending the server
    },
    both: async (node) => {
      signalProcess(serverPid(), 'SIGKILL');
      await node.kill();
      return live();
    },
    'node-and-watcher': async (node) => {
      for (const watcher of watchersOf(new Set([serverPid()]))) signalProcess(watcher, 'SIGKILL');
      await node.kill();
      return live(); // adopts
    },
  };

  let node = await live();
  await using _killer = { [Symbol.asyncDispose]: () => node.kill() }; // also when a round has failed
  for (const kind of rounds) {
    serverPid();
    await node.acknowledges(5 + Math.floor(random.next() * 200));
    const killedAt = systemClock.now();
    node = await kills[kind](node);
    await node.acknowledges(1);
    const recoveryMs = systemClock.now() - killedAt;
    slowestRecoveryMs = Math.max(slowestRecoveryMs, recoveryMs);
    onRound?.(kind, recoveryMs);
  }
  serverPid();
  await stopNode(node);
  await allEnded();
  await eventually('every watcher has gone', () => watchersOf(serverPids).length === 0);
  const processesLeft = processesOf(folder).length + watchersOf(serverPids).length;
  const acknowledged = lives.flatMap((life) => [...life.acknowledged]);
  const lostRows = await countMissing(folder, acknowledged);
  return { rounds: rounds.length, acknowledgedRows: acknowledged.length, lostRows, slowestRecoveryMs, processesLeft };
}

async function countMissing(folder: string, acknowledged: readonly number[]): Promise<number> {
  await using postgres = await startEmbeddedPostgres({ dataDir: folder, owner: 'count' });
  await using database = await connect(postgres.connection, { applicationName: 'count' });
  const rows = await database.sql<{ id: string }[]>`select id from acknowledged`;
  const present = new Set(rows.map(({ id }) => Number(id)));
  return acknowledged.filter((id) => !present.has(id)).length;
}
