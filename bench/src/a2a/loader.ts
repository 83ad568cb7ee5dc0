import { applyLoad, type LoadSlice } from '../harness/load.ts';
import { becomeProgram } from '../harness/program.ts';
import { type OperationName, operationRequest } from './requests.ts';

/** The load on a core of its own. */
interface Asked extends LoadSlice {
  operation: OperationName;
  /** The task that GetTask asks for. */
  taskId: string;
}

becomeProgram({}, (message) => {
  const { operation, taskId, ...slice } = message as Asked; // from our own parent
  return applyLoad(operationRequest(operation, taskId), slice);
});
