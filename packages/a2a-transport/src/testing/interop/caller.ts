/** A client of whichever make, reduced to what the table of who understands whom asks of it. */
export interface Caller {
  /** The version of A2A that it speaks, as it says. */
  readonly version: string;
  /** Methods that it has called, as they stood on the wire. */
  readonly called: readonly string[];
  send(text: string): Promise<Told>;
  stream(text: string): AsyncIterator<Heard>;
  get(taskId: string): Promise<Told>;
  /** The ids of the tasks that it is told. */
  list(): Promise<string[]>;
  cancel(taskId: string): Promise<Told>;
  subscribe(taskId: string): AsyncIterator<Heard>;
  createPush(place: PushPlace): Promise<PushPlace>;
  getPush(taskId: string, id: string): Promise<PushPlace>;
  listPush(taskId: string): Promise<PushPlace[]>;
  deletePush(taskId: string, id: string): Promise<void>;
  close(): Promise<void>;
}

/** What a task is said to be. */
export interface Told {
  readonly taskId: string;
  readonly state: string;
  /** Of its artifacts. */
  readonly text: string;
}

/** One event of a stream: a task as a whole, or what is new of it. */
export type Heard = { task: Told } | { state: string } | { text: string };

export interface PushPlace {
  readonly taskId: string;
  readonly id: string;
  readonly url: string;
}

/** What the JSON-RPC request in this body calls. */
export function methodIn(body: string | Uint8Array): string {
  const { method } = JSON.parse(typeof body === 'string' ? body : new TextDecoder().decode(body));
  return String(method);
}
