import type { Section, Settings } from '../harness/figure.ts';
import type { Program } from '../harness/pinned.ts';
import { measureInTurn } from '../harness/rounds.ts';
import { serverSlice } from '../harness/server-slice.ts';
import { firstTaskId } from './first-task.ts';
import type { OperationName } from './requests.ts';

export interface RunningServer {
  name: string;
  port: number;
  program: Program;
}

/** Everybody's rate for one operation, with so many connections. */
export async function measureServers(
  servers: readonly RunningServer[],
  load: Program,
  operation: OperationName,
  settings: Settings & { connections: number },
): Promise<Section['measured']> {
  const { connections } = settings;
  const contenders = servers.map(({ name, port, program }) => ({
    name,
    async slice(countedMs: number) {
      const taskId = operation === 'GetTask' ? await firstTaskId(port) : '';
      return serverSlice(program, load, { operation, taskId, port, connections, warmUpMs: 150, countedMs });
    },
  }));
  return measureInTurn(contenders, settings);
}
