/** The other side of `startProgram`: says that it is ready, answers what it is asked, ends when its parent is gone. */
export function becomeProgram(ready: object, answer: (message: unknown) => Promise<object>): void {
  const tell = (message: object) => process.send?.(message);
  process.on('disconnect', () => process.exit(0));
  process.on('message', (message) => {
    answer(message).then(tell, (cause: unknown) => {
      tell({ failure: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause) });
    });
  });
  tell(ready);
}

/** A server under test. Asked for anything, it says how much of its core it has used up to now. */
export function becomeServer(port: number): void {
  becomeProgram({ port }, async () => {
    const { user, system } = process.cpuUsage();
    return { us: user + system };
  });
}
