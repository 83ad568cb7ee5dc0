import type { Readable } from 'node:stream';
import type { Clock } from '@skein/contracts/runtime';

/** 50 MiB/s: a flood that nobody reads should neither stand still nor take the node's only thread for itself. */
const BURST_BYTES = 1024 * 1024;
const PAUSE_MS = 20;

/** Reads a stream to its end. While `isDropped` says that all goes to waste, it takes a pause after every burst. */
export function readPaced(
  stream: Readable,
  clock: Clock,
  { onBytes, isDropped }: { onBytes(bytes: Buffer): void; isDropped(): boolean },
): void {
  let burstBytes = 0;
  stream.on('data', (bytes: Buffer) => {
    onBytes(bytes);
    if (!isDropped()) return;
    burstBytes += bytes.length;
    if (burstBytes < BURST_BYTES) return;
    burstBytes = 0;
    stream.pause();
    clock.sleep(PAUSE_MS).then(
      () => stream.resume(),
      () => stream.resume(),
    );
  });
}
