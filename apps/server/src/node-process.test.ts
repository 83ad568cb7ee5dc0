/** What a node's process says before there is a node: the rest of its life is told by test/fleet on real processes. */
import { expect, test } from 'vitest';
import { runNodeProcess } from './node-process.ts';

async function run(args: string[], env: Record<string, string> = {}) {
  const written = { stdout: [] as string[], stderr: [] as string[] };
  const stream = (lines: string[]) => ({ write: (text: string) => lines.push(text) > 0, on: () => {} });
  const process = {
    argv: ['node', 'main.js', ...args],
    env,
    cwd: () => '/nowhere',
    stdout: stream(written.stdout),
    stderr: stream(written.stderr),
    // Only what is used of a process before a node starts.
  } as unknown as NodeJS.Process;
  const code = await runNodeProcess(process);
  return { code, out: written.stdout.join(''), err: written.stderr.join('') };
}

test('a wrong configuration ends with 2 and a line for each fault, without a stack', async () => {
  const { code, out, err } = await run(['--prot', '1', '--host', '0.0.0.0'], { SKEIN_CAPACITY: 'x' });
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err.split('\n')).toEqual([
    'skein: flag --prot is not known (did you mean port?)',
    expect.stringMatching(/^skein: environment SKEIN_CAPACITY: capacity: /),
    expect.stringMatching(/^skein: host 0\.0\.0\.0 is reachable/),
    "skein: see 'skein up --help' for every key",
    '',
  ]);
});

test('the version and the help are answered and end with 0', async () => {
  expect(await run(['--version'])).toMatchObject({ code: 0, out: '0.1.0\n' });
  const { code, out } = await run(['--help']);
  expect(code).toBe(0);
  for (const word of ['--data-dir', 'SKEIN_JOIN_TOKEN', 'DATABASE_URL', '--allow-program', 'Exit codes'])
    expect(out).toContain(word);
});
