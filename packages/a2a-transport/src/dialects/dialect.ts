import type { StreamResponse } from '@skein/contracts/a2a';
import type { OperationName, Operations } from '../operations/operation.ts';

/**
 * A way of saying A2A over JSON-RPC. There is one model inside, A2A v1.0; a dialect translates between it and the wire.
 * What comes from the wire is unknown and is checked by v1.0's schemas after translation, so a translation passes on
 * what it does not know and throws (A2AError `INVALID_PARAMS`) only for what it cannot make sense of.
 */
export interface Dialect {
  /** As `A2A-Version` names it. */
  readonly version: '1.0' | '0.3';
  /** The JSON-RPC method of each operation; an operation that is absent does not exist in this dialect. */
  readonly methods: Readonly<Partial<Record<OperationName, string>>>;
  readonly server: {
    /** A request's parameters from the wire, in the words of v1.0; not checked yet. */
    readParams(operation: OperationName, params: unknown): unknown;
    /** A result, or one event of a stream, for the wire. */
    writeResult<Name extends OperationName>(operation: Name, result: Operations[Name]['result']): unknown;
    /** Whether a stream ends after this event although the task may go on. @default streams end with their tasks */
    endsStreamAfter?(event: StreamResponse): boolean;
  };
  readonly client: {
    writeParams<Name extends OperationName>(operation: Name, params: Operations[Name]['params']): unknown;
    /** A result, or one event of a stream, from the wire, in the words of v1.0; not checked yet. */
    readResult(operation: OperationName, result: unknown): unknown;
  };
}
