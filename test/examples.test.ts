/** The examples run as whoever reads them would run them, on what was built; each of them asserts what it shows. */
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'skein-examples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
vi.setConfig({ testTimeout: 60_000 });

/** Whatever hangs is killed, and then has no exit code. */
function runProgram(args: readonly string[], given: { cwd?: string; input?: string } = {}) {
  const options = { cwd: root, encoding: 'utf8', timeout: 50_000, killSignal: 'SIGKILL' } as const;
  return spawnSync(process.execPath, args, { ...options, ...given });
}

const programs = readdirSync(join(root, 'examples'))
  .map((name) => join('examples', name, 'main.mjs'))
  .filter((file) => existsSync(join(root, file)));

/** What each of them prints, line by line. */
const printed: Readonly<Record<string, readonly (string | RegExp)[]>> = {
  [join('examples', 'two-nodes', 'main.mjs')]: [
    'south joined north, which it knows as root',
    'tool          completed  {"words":9}  37 tokens in',
    /^handler {7}completed {2}\{"echo":"are you there\?","heardFrom":"[a-z2-7]{26}"\}$/,
    'no such tool  rejected   tool_not_registered',
  ],
  [join('examples', 'ten-line-agent', 'main.mjs')]: ['A SKEIN OF GEESE'],
  [join('examples', 'streaming-agent', 'main.mjs')]: [
    'it says   Let me think',
    'it writes Wild geese in the dusk;',
    'it writes the one in front falls back now,',
    'it writes another takes its place.',
    'in all    3 pieces of one artifact',
  ],
  [join('examples', 'multi-turn-agent', 'main.mjs')]: [
    'agent:     Where to?',
    'traveller: Lisbon',
    'agent:     Sign in at https://airline.example/sign-in',
    'agent:     Nils Holgersson flies to Lisbon',
  ],
  [join('examples', 'push-receiver', 'main.mjs')]: [
    'told the task',
    'told TASK_STATE_WORKING',
    'told a loaf',
    'told TASK_STATE_COMPLETED',
    'nobody else is listened to',
  ],
};

test('every example says here what it prints, and every one that does is there', () => {
  expect(programs.toSorted()).toEqual(Object.keys(printed).toSorted());
});

test.each(programs)('%s asserts what it prints, and ends by itself with exit code 0', (file) => {
  expect(readFileSync(join(root, file), 'utf8')).toMatch(/\bassert\.\w+\(/);
  const { status, stderr, stdout } = runProgram([file]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const lines = printed[file]?.map((line) => (typeof line === 'string' ? line : expect.stringMatching(line)));
  expect(stdout.trimEnd().split('\n')).toEqual(lines);
});

test.each([
  { name: 'two-nodes', said: '{ words: 9 }', wrong: '{ words: 10 }' },
  { name: 'ten-line-agent', said: "'A SKEIN OF GEESE'", wrong: "'a gaggle'" },
  { name: 'streaming-agent', said: 'rest.length, 3', wrong: 'rest.length, 4' },
  { name: 'multi-turn-agent', said: "'ROLE_USER Lisbon'", wrong: "'ROLE_USER Porto'" },
  { name: 'push-receiver', said: 'tries, 5', wrong: 'tries, 4' },
])('$name with an assertion that fails ends with exit code 1', ({ name, said, wrong }) => {
  const source = readFileSync(join(root, 'examples', name, 'main.mjs'), 'utf8');
  expect(source).toContain(said);
  const input = source.replace(said, wrong);
  const broken = runProgram(['--input-type=module', '-'], { cwd: join(root, 'examples'), input });
  expect(broken).toMatchObject({ status: 1, stderr: expect.stringContaining('AssertionError') });
});

describe('the agent that makes an index', () => {
  const nonce = `quire${randomUUID().replace(/[^a-z]/g, '')}`;
  const texts = join(folder, 'texts');
  const Report = z.strictObject({
    progress: z.string().optional(),
    usage: z.partialRecord(z.enum(['toolCalls', 'tokensIn', 'tokensOut']), z.int().nonnegative()).optional(),
  });

  /** Runs it as a node does: the instruction on standard input, and its reports on descriptor 3. */
  async function runAgent(instruction: string) {
    const child = spawn(process.execPath, [join(root, 'examples', 'agents', 'index-folder.mjs')], {
      cwd: folder,
      env: { SKEIN_REPORT_FD: '3' },
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    });
    const said = ['', '', '', ''];
    for (const fd of [1, 2, 3] as const)
      child.stdio[fd]?.on('data', (chunk) => {
        said[fd] += String(chunk);
      });
    child.stdin?.end(instruction);
    const exitCode = await new Promise((resolve) => child.once('close', resolve));
    const reports = (said[3] ?? '').split('\n').filter((line) => line !== '');
    return {
      exitCode,
      index: said[1],
      complaint: said[2],
      reports: reports.map((line) => Report.parse(JSON.parse(line))),
    };
  }

  test('finds the word that one file alone has, and reports each file as it goes', async () => {
    mkTexts(texts, { 'a.txt': `# Feathers\nwings and ${nonce} and wings`, 'b.md': 'Lakes\nwater, water' });
    const { exitCode, index, reports } = await runAgent(`index the folder "${texts}"`);
    expect(exitCode).toBe(0);
    expect(index).toContain('2 files, 9 words');
    expect(index).toMatch(new RegExp(`^a\\.txt: Feathers \\(6 words: .*${nonce}`, 'm'));
    expect(index).toMatch(new RegExp(`^${nonce}: a\\.txt$`, 'm'));
    expect(reports.map(({ progress }) => progress)).toEqual(['1 of 2: a.txt', '2 of 2: b.md', undefined]);
    expect(reports.map(({ usage }) => usage?.tokensIn ?? 0)).toEqual([6, 3, 0]);
    expect(reports.at(-1)?.usage?.tokensOut).toBeGreaterThan(0);
  });

  test('ends with 78 where there is no such folder, so that nobody tries again', async () => {
    const missing = join(folder, randomUUID());
    const { exitCode, complaint, index, reports } = await runAgent(`index "${missing}"`);
    expect({ exitCode, index, reports }).toEqual({ exitCode: 78, index: '', reports: [] });
    expect(complaint).toContain(missing);
  });
});

function mkTexts(into: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(into, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(into, name), text);
}
