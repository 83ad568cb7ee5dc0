import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The SDK's own tables, as its command line renders them. */
export async function sdkTasksSchema(): Promise<string> {
  const door = fileURLToPath(import.meta.resolve('@a2a-js/sdk'));
  const program = join(dirname(door), 'cli', 'a2a_db.js');
  const args = [program, 'upgrade', '--sql', '--dialect', 'postgres', '--store', 'tasks'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return stdout;
}
