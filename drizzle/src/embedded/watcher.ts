/**
 * Ends the server when its node dies, however it dies. A shell holds the reading end of a pipe from the node; when the
 * node is gone the pipe closes, and the shell asks the server for a fast shutdown. It outlives its node by 13 ms.
 */
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { serverEnvironment } from './flags.ts';
import { asUser } from './program.ts';

export interface Watcher {
  readonly serverPid: number;
  /** Sends it home without a signal to anyone: the server's pid may soon be another process's. Resolves when it is gone. */
  dismiss(): Promise<void>;
}

export function watchOver(serverPid: number, uid: number | undefined): Watcher {
  const child = spawn('/bin/sh', ['-c', 'read _ || kill -INT "$0"', String(serverPid)], {
    ...asUser(uid),
    env: serverEnvironment,
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true, // a terminal's Ctrl-C is for the node
    cwd: '/',
  });
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve()); // no shell: the server is still ended by stop(), and adopted after a crash
  });
  child.stdin.on('error', () => {}); // it has ended already
  child.unref();
  // The pipe is a socket in Node, whatever its type says; it must not keep the node alive.
  (child.stdin as Socket).unref();
  return {
    serverPid,
    dismiss() {
      child.ref(); // somebody may wait for its end
      child.stdin.end('ok\n');
      return gone;
    },
  };
}
