import { type Artifact, type Part, TaskState } from '@a2a-js/sdk';
import { AgentEvent, type AgentExecutor } from '@a2a-js/sdk/server';
import { artifact } from '../exchange.ts';

const text = (value: string): Part => ({
  content: { $case: 'text', value },
  metadata: undefined,
  filename: '',
  mediaType: 'text/plain',
});

const made: Artifact = {
  artifactId: artifact.artifactId,
  name: artifact.name,
  description: '',
  parts: [text(artifact.text.repeat(2))],
  metadata: undefined,
  extensions: [],
};

const status = (state: TaskState) => ({ state, message: undefined, timestamp: new Date().toISOString() });

/** The same agent in the SDK's words. `one`: a whole task at once, the least it can be asked for; `three`: as ours. */
export function sdkAgent(events: 'one' | 'three'): AgentExecutor {
  return {
    async execute({ taskId, contextId, userMessage }, bus) {
      const whole = { id: taskId, contextId, history: [userMessage], metadata: undefined };
      if (events === 'one') {
        bus.publish(AgentEvent.task({ ...whole, status: status(TaskState.TASK_STATE_COMPLETED), artifacts: [made] }));
      } else {
        bus.publish(AgentEvent.task({ ...whole, status: status(TaskState.TASK_STATE_SUBMITTED), artifacts: [] }));
        bus.publish(
          AgentEvent.artifactUpdate({
            taskId,
            contextId,
            artifact: made,
            append: false,
            lastChunk: true,
            metadata: undefined,
          }),
        );
        bus.publish(
          AgentEvent.statusUpdate({
            taskId,
            contextId,
            status: status(TaskState.TASK_STATE_COMPLETED),
            metadata: undefined,
          }),
        );
      }
      bus.finished();
    },
    async cancelTask() {},
  };
}
