import { FIRST_REMOTE_PID } from '@skein/contracts';

/** PIDs of this framework, beyond those that an operating system hands out. Each names one thing in a life. */
export interface PidSpace {
  /** The next one. After the last the first ones come again, those still in use left out. */
  take(): number;
  /** Nothing bears it any more. */
  release(pid: number): void;
}

export interface PidSpaceOptions {
  /** @default FIRST_REMOTE_PID */
  first?: number;
  /** One more than the last. @default 2 ** 31, which a signed 32-bit number holds no more */
  limit?: number;
}

/** @throws RangeError when every PID is in use. */
export function createPidSpace({ first = FIRST_REMOTE_PID, limit = 2 ** 31 }: PidSpaceOptions = {}): PidSpace {
  const used = new Set<number>();
  let next = first;
  return {
    take() {
      if (used.size >= limit - first) throw new RangeError(`all PIDs from ${first} to ${limit - 1} are in use`);
      while (used.has(next)) next = next + 1 < limit ? next + 1 : first;
      const pid = next;
      used.add(pid);
      next = pid + 1 < limit ? pid + 1 : first;
      return pid;
    },
    release(pid) {
      used.delete(pid);
    },
  };
}
