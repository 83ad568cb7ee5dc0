/** Where the server's program is: another program, never a module of this one. */
import { createRequire } from 'node:module';

export function serverProgram(): string {
  return createRequire(import.meta.url).resolve('@skein/server/main');
}
