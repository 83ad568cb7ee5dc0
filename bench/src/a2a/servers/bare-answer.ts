import { artifact } from '../exchange.ts';

/** What the bare servers answer with: the least that can be done for the same bytes as everybody else's. */
export interface BareRequest {
  id: string;
  method: string;
  params: { id?: string; message: Record<string, unknown> };
}

export function bareTask(message: Record<string, unknown>) {
  const id = crypto.randomUUID();
  const contextId = crypto.randomUUID();
  return {
    id,
    contextId,
    status: { state: 'TASK_STATE_COMPLETED', timestamp: new Date().toISOString() },
    artifacts: [bareArtifact],
    history: [{ ...message, taskId: id, contextId }],
  };
}

export const bareArtifact = {
  artifactId: artifact.artifactId,
  name: artifact.name,
  parts: [{ text: artifact.text.repeat(2), mediaType: 'text/plain' }],
};
