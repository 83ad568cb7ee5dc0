/**
 * The tasks of plain messages, which the node's own agent answers. Directives have books of their own: their tasks are
 * made from those and stored nowhere.
 */
import type { TaskStore } from '@skein/a2a-transport';
import type { NodeId } from '@skein/contracts';

/** The port for the tasks of one node. Errors: those of TaskStore, and STORE_UNAVAILABLE. */
export interface PlainTaskStore extends TaskStore {
  /**
   * Forgets tasks 30 days after their end, with their events and push configurations; of very many a part at a time. A store
   * that bounds itself has nothing to forget.
   */
  purge(self: NodeId): Promise<number>;
}
