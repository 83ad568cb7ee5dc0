import { expect, test } from 'vitest';
import { findMarker, parseMemory, parseStat } from './proc-files.ts';

const stat = (name: string, state = 'S') =>
  `4711 (${name}) ${state} 815 4700 4600 0 -1 4194560 100 200 0 0 7 3 50 25 20 0 1 0 123456 2560000 400 18446744073709551615`;

test.each(['sh', 'a (strange) name', ') R 1 1 1', 'two\nlines', ''])(
  'a process named %j is read all the same',
  (name) => {
    expect(parseStat(stat(name))).toEqual({
      pid: 4711,
      parentPid: 815,
      groupId: 4700,
      sessionId: 4600,
      startTicks: 123456,
      ended: false,
      name,
      ownCpuMs: 100,
      reapedCpuMs: 750,
    });
  },
);

test('a process that waits to be reaped has ended', () => {
  expect(parseStat(stat('sh', 'Z'))?.ended).toBe(true);
  expect(parseStat(stat('sh', 'D'))?.ended).toBe(false);
});

test.each(['', '4711', '4711 (sh', '4711 (sh) S 1'])('%j is no process', (text) => {
  expect(parseStat(text)).toBeUndefined();
});

test('memory is told in bytes, and not at all for a process that has none', () => {
  expect(parseMemory('Name:\tsh\nVmPeak:\t  9 kB\nVmHWM:\t    3000 kB\nVmRSS:\t    2000 kB\n')).toEqual({
    residentBytes: 2_048_000,
    peakResidentBytes: 3_072_000,
  });
  expect(parseMemory('Name:\tsh\nState:\tZ (zombie)\n')).toBeUndefined();
});

test.each([
  ['SKEIN_RUN=h/1.2/r\0PATH=/bin\0', 'h/1.2/r'],
  ['PATH=/bin\0SKEIN_RUN=h/1.2/r\0', 'h/1.2/r'],
  ['PATH=/bin\0SKEIN_RUN=h/1.2/cut', 'h/1.2/cut'],
  ['NO_SKEIN_RUN=x\0A=SKEIN_RUN=y\0SKEIN_RUN=z\0', 'z'],
  ['NO_SKEIN_RUN=x\0', undefined],
  ['', undefined],
])('the mark in %j is %j', (environ, marker) => {
  expect(findMarker(Buffer.from(environ))).toBe(marker);
});
