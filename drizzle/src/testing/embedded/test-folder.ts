import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestFolder extends AsyncDisposable {
  readonly path: string;
  giveTo(uid: number): Promise<void>;
}

/** A data folder that root's server, another user, can pass through; gone with the test. */
export async function makeTestFolder(): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), 'skein-folder-'));
  await chmod(path, 0o711);
  return {
    path,
    giveTo: (uid) => chown(path, uid, uid),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
