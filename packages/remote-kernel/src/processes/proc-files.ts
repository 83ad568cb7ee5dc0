/** How the files under /proc/<pid> read. Pure; see proc(5). */
import { RUN_VARIABLE } from './marker.ts';
import type { ProcessMemory, ProcessStat } from './process-table.ts';

/** USER_HZ, the unit of times in /proc, is 100 on every architecture that Node runs on. */
const TICK_MS = 10;

/** /proc/<pid>/stat. The name stands in brackets and may itself contain spaces and brackets. */
export function parseStat(text: string): ProcessStat | undefined {
  const nameStart = text.indexOf('(');
  const nameEnd = text.lastIndexOf(')');
  if (nameStart < 0 || nameEnd < nameStart) return undefined;
  const fields = text.slice(nameEnd + 2).split(' ');
  // Counted as in proc(5), where the pid is field 1 and the state, the first after the name, is field 3.
  const field = (number: number) => Number(fields[number - 3]);
  const stat: ProcessStat = {
    pid: Number.parseInt(text, 10),
    parentPid: field(4),
    groupId: field(5),
    sessionId: field(6),
    startTicks: field(22),
    ended: fields[0] === 'Z' || fields[0] === 'X',
    name: text.slice(nameStart + 1, nameEnd),
    ownCpuMs: (field(14) + field(15)) * TICK_MS,
    reapedCpuMs: (field(16) + field(17)) * TICK_MS,
  };
  return Number.isFinite(stat.pid) && Number.isFinite(stat.startTicks) ? stat : undefined;
}

/** /proc/<pid>/status. A process without memory of its own (ended, or the kernel's) has no such lines. */
export function parseMemory(text: string): ProcessMemory | undefined {
  const residentKib = /^VmRSS:\s*(\d+) kB$/m.exec(text)?.[1];
  const peakKib = /^VmHWM:\s*(\d+) kB$/m.exec(text)?.[1];
  if (residentKib === undefined || peakKib === undefined) return undefined;
  return { residentBytes: Number(residentKib) * 1024, peakResidentBytes: Number(peakKib) * 1024 };
}

const NAME = Buffer.from(`${RUN_VARIABLE}=`);

/** The value of `SKEIN_RUN` in /proc/<pid>/environ: entries that each end in NUL. */
export function findMarker(environ: Buffer): string | undefined {
  for (let at = environ.indexOf(NAME); at >= 0; at = environ.indexOf(NAME, at + 1)) {
    if (at > 0 && environ[at - 1] !== 0) continue; // the end of another variable's name or value
    const end = environ.indexOf(0, at);
    return environ.toString('utf8', at + NAME.length, end < 0 ? environ.length : end);
  }
  return undefined;
}
