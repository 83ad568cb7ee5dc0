/**
 * Whole exchanges of A2A v1.0, kept as files: each scene is played against one server with a clock that stands still and
 * counted ids, and every byte of every answer has to be the one that is kept. A changed byte is a changed protocol.
 *
 * `<scene>/<number>-<name>.request.http` holds a request; `….reply.http` what came back: status, the headers that belong
 * to the protocol, and the body as it is. In a step that ends in `-live` the agent goes on once the reply has begun.
 * `GOLDEN=write npx vitest run test/conformance/golden.test.ts` writes the replies anew: look at what has changed.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Random } from '@skein/contracts/runtime';
import { createSeededRandom } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { type Method, replyOf, results } from './strict.ts';
import { card, createSubject, type Subject } from './subject.ts';

const folder = join(dirname(fileURLToPath(import.meta.url)), 'golden', 'v1-0');
const toldHeaders = [
  'a2a-extensions',
  'cache-control',
  'content-type',
  'etag',
  'last-modified',
  'retry-after',
  'www-authenticate',
];

/** Ids in the order of their making, so that a fixture can name them. */
function countedIds(): Random {
  let made = 0;
  return {
    next: createSeededRandom(1).next,
    uuid() {
      made += 1;
      return `00000000-0000-4000-8000-${String(made).padStart(12, '0')}`;
    },
  };
}

/** `METHOD path`, headers, an empty line, the body. */
function readRequest(text: string) {
  const [head = '', ...rest] = text.split('\n\n');
  const [first = '', ...lines] = head.split('\n');
  const [method = '', path = ''] = first.split(' ');
  const headers = Object.fromEntries(lines.map((line) => line.split(/: (.*)/s, 2) as [string, string]));
  const body = rest.join('\n\n').trimEnd();
  return { method, path, headers, ...(body !== '' && { body }) };
}

async function writeReply(reply: Response): Promise<string> {
  const headers = toldHeaders.flatMap((name) => {
    const value = reply.headers.get(name);
    return value === null ? [] : [`${name}: ${value}\n`];
  });
  return `${reply.status}\n${headers.join('')}\n${await reply.text()}`;
}

function createScene(): Subject {
  return createSubject({
    card: {
      ...card,
      capabilities: { ...card.capabilities, extensions: [{ uri: 'https://extensions.example/notes/v1' }] },
      securitySchemes: { key: { httpAuthSecurityScheme: { scheme: 'Bearer' } } },
      securityRequirements: [{ schemes: { key: { list: [] } } }],
    },
    httpJsonPath: '/rest',
    random: countedIds(),
    authenticator: {
      async authenticate({ headers }) {
        const name = headers.get('authorization')?.split(' ')[1];
        return name ? { status: 'authenticated', principal: { id: name, kind: 'user' } } : { status: 'anonymous' };
      },
    },
    extendedCard: async ({ id }) => ({ ...card, description: `For ${id}` }),
  });
}

const scenes = readdirSync(folder, { withFileTypes: true }).filter((each) => each.isDirectory());
const stepsOf = (scene: string) =>
  readdirSync(join(folder, scene))
    .filter((file) => file.endsWith('.request.http'))
    .map((file) => file.slice(0, -'.request.http'.length))
    .sort();

test.each(scenes.map(({ name }) => ({ name })))('$name is answered byte for byte', async ({ name }) => {
  await using subject = createScene();
  for (const step of stepsOf(name)) {
    const { path, ...request } = readRequest(readFileSync(join(folder, name, `${step}.request.http`), 'utf8'));
    const reply = await subject.fetch(path, request);
    if (step.endsWith('-live')) subject.agent.proceed();
    const told = await writeReply(reply);
    const kept = join(folder, name, `${step}.reply.http`);
    if (process.env.GOLDEN === 'write') writeFileSync(kept, told);
    expect(told, step).toBe(readFileSync(kept, 'utf8'));
    assertStrict(request, reply, told);
    await subject.clock.advance(1_000);
  }
});

/** What is kept is right, too: a golden fault would be kept as faithfully. */
function assertStrict({ body = '' }: { body?: string }, reply: Response, told: string): void {
  const method = /"method":"(\w+)"/.exec(body)?.[1] ?? '';
  const result = Object.hasOwn(results, method) ? results[method as Method] : undefined; // asked in the line before
  if (!result || body.startsWith('[')) return;
  const text = told.slice(told.indexOf('\n\n') + 2);
  const stream = reply.headers.get('content-type') === 'text/event-stream';
  const replies = stream ? [...text.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => data) : [text];
  expect(replies.length).toBeGreaterThan(0);
  for (const each of replies.filter((one) => one !== '')) replyOf(result).parse(JSON.parse(each));
}

test('every operation has its exchange', () => {
  const asked = scenes.flatMap(({ name }) =>
    stepsOf(name).map((step) => readFileSync(join(folder, name, `${step}.request.http`), 'utf8')),
  );
  for (const method of Object.keys(results)) {
    expect(
      asked.some((text) => text.includes(`"method":"${method}"`)),
      method,
    ).toBe(true);
  }
});
