import { describe, expect, test } from 'vitest';
import { type ConfigSurroundings, loadConfig } from './load-config.ts';

interface Given {
  flags?: string[];
  env?: Record<string, string>;
  /** The text of /here/.skein/node/skein.config.json, or of the file of that name. */
  files?: Record<string, unknown>;
}

const DEFAULT_FILE = '/here/.skein/node/skein.config.json';

function load({ flags = [], env = {}, files = {} }: Given) {
  const surroundings: ConfigSurroundings = {
    env,
    cwd: '/here',
    hostName: 'büro 7.local',
    readFile: (path) => {
      const file = files[path];
      return file === undefined || typeof file === 'string' ? file : JSON.stringify(file);
    },
  };
  return loadConfig(flags, surroundings);
}

function ready(given: Given) {
  const loaded = load(given);
  if (loaded.status !== 'ready') throw new Error(JSON.stringify(loaded));
  return loaded.config;
}

function problems(given: Given) {
  const loaded = load(given);
  return loaded.status === 'wrong' ? loaded.problems : [];
}

test('without a word a node listens on loopback, runs no programs and is named after its machine', () => {
  expect(ready({})).toMatchObject({
    name: 'b-ro-7.local',
    dataDir: '/here/.skein/node',
    host: '127.0.0.1',
    port: 4220,
    execute: { programs: [] },
    timing: 'lan',
  });
});

test('flags win over the environment, the environment over the file, key by key', () => {
  const config = ready({
    flags: ['--name', 'from-flag'],
    env: { SKEIN_NAME: 'from-env', SKEIN_PORT: '5001', SKEIN_LOG_LEVEL: 'warn' },
    files: { [DEFAULT_FILE]: { name: 'from-file', port: 5000, capacity: 9, execute: { programs: ['/bin/cat'] } } },
  });
  expect(config).toMatchObject({ name: 'from-flag', port: 5001, capacity: 9, log: { level: 'warn' } });
  expect(config.execute.programs).toEqual(['/bin/cat']);
});

test('lists are given by repeating a flag, or with commas in the environment', () => {
  const flags = ['--seed', 'http://a:1', '--seed=http://b:2', '--label', 'rack=7', '--label', 'x=a=b'];
  const config = ready({ flags, env: { SKEIN_CAPABILITIES: 'gpu, sql', SKEIN_NAME: '' } });
  expect(config.seeds).toEqual(['http://a:1', 'http://b:2']);
  expect(config.labels).toEqual({ rack: '7', x: 'a=b' });
  expect(config.capabilities).toEqual(['gpu', 'sql']);
});

test('the variables that directives may set are listed like programs, and beside them', () => {
  const flags = ['--allow-variable', 'GREETING', '--allow-program', '/bin/cat', '--allow-variable', 'TZ'];
  expect(ready({ flags }).execute).toEqual({
    programs: ['/bin/cat'],
    variables: ['GREETING', 'TZ'],
  });
  expect(ready({ env: { SKEIN_EXECUTE_VARIABLES: 'A, B' } }).execute.variables).toEqual(['A', 'B']);
  expect(ready({}).execute.variables).toBeUndefined();
});

test('a SIGTERM lets what runs end for eight seconds, unless another time is given', () => {
  expect(ready({}).shutdown).toEqual({ drainMs: 8_000 });
  expect(ready({ files: { [DEFAULT_FILE]: { shutdown: { drainMs: 60_000 } } } }).shutdown.drainMs).toBe(60_000);
  const given = { flags: ['--drain-ms', '0'], env: { SKEIN_SHUTDOWN_DRAIN_MS: '5000' } };
  expect(ready(given).shutdown.drainMs).toBe(0);
  expect(problems({ env: { SKEIN_SHUTDOWN_DRAIN_MS: '-1' } })).toEqual([
    'environment SKEIN_SHUTDOWN_DRAIN_MS: shutdown.drainMs: expected at least 0, not -1',
  ]);
});

test('a file that is named may name the data folder, relative to itself', () => {
  const files = { '/etc/skein/one.json': { dataDir: '../data', name: 'one' } };
  expect(ready({ flags: ['--config', '/etc/skein/one.json'], files }).dataDir).toBe('/etc/data');
  expect(ready({ env: { SKEIN_CONFIG: '/etc/skein/one.json', SKEIN_DATA_DIR: 'mine' }, files }).dataDir).toBe(
    '/here/mine',
  );
});

describe('agents', () => {
  const index = { command: ['/usr/bin/index', '-v'] };
  const whole = {
    ...{ runtime: 'command', command: ['/usr/bin/index', '-v'], input: 'text', env: {}, report: 'descriptor' },
    ...{ limits: {}, restart: { budget: 0, delayMs: 1_000 } },
  };

  test('are none, unless somebody names them', () => {
    expect(ready({}).agents).toEqual({});
  });

  test('come from the file, the environment and flags, one by one', () => {
    const config = ready({
      flags: ['--agent', 'three=/bin/three', '--agent=four=/bin/a=b'],
      env: { SKEIN_AGENTS: JSON.stringify({ two: { command: ['/bin/two', 'a,b'], input: 'lines' } }) },
      files: { [DEFAULT_FILE]: { agents: { one: index, two: index, three: index } } },
    });
    expect(config.agents.one).toEqual(whole);
    expect(config.agents.two).toMatchObject({ command: ['/bin/two', 'a,b'], input: 'lines' });
    expect(config.agents.three).toEqual({ ...whole, command: ['/bin/three'] });
    expect(config.agents.four?.command).toEqual(['/bin/a=b']);
    expect(Object.keys(ready({ env: { SKEIN_AGENTS: 'a=/bin/a, b=/bin/b' } }).agents)).toEqual(['a', 'b']);
  });

  test('may say all that there is to say', () => {
    const agent = {
      ...{ runtime: 'command', command: ['/usr/bin/index'], input: 'argument', env: { KEY: 'v' }, report: 'stderr' },
      limits: { timeoutMs: 1, memoryBytes: 2, outputBytes: 3 },
      ...{ restart: { budget: 3, delayMs: 5 }, cwd: 'sub', description: 'reads' },
    };
    expect(ready({ files: { [DEFAULT_FILE]: { agents: { agent } } } }).agents).toEqual({ agent });
  });

  const at = `${DEFAULT_FILE}: agents.index`;
  test.each<[string, unknown, string]>([
    ['no command', {}, `${at}.command: is missing: expected a list: an absolute path and its arguments`],
    [
      'a command in one word',
      { command: '/bin/x' },
      `${at}.command: expected a list: an absolute path and its arguments`,
    ],
    [
      'a relative command',
      { command: ['x'] },
      `${at}.command[0]: expected an absolute path: programs are never looked up on PATH, not "x"`,
    ],
    [
      'an input that is none',
      { ...index, input: 'file' },
      `${at}.input: expected one of argument, text, lines, not "file"`,
    ],
    ['a misspelt key', { ...index, inptu: 'text' }, `${at}.inptu is not a known key (did you mean input?)`],
    [
      'a misspelt limit',
      { ...index, limits: { timeoutMS: 1 } },
      `${at}.limits.timeoutMS is not a known key (did you mean timeoutMs?)`,
    ],
    [
      'a limit of nothing',
      { ...index, limits: { timeoutMs: 0 } },
      `${at}.limits.timeoutMs: expected more than 0, not 0`,
    ],
    [
      'a budget below nothing',
      { ...index, restart: { budget: -1 } },
      `${at}.restart.budget: expected at least 0, not -1`,
    ],
    [
      "a variable of the node's own",
      { ...index, env: { SKEIN_X: '1' } },
      `${at}.env.SKEIN_X: expected another name: SKEIN_… is the node's own`,
    ],
    ['another runtime', { ...index, runtime: 'docker' }, `${at}.runtime: expected command, not "docker"`],
  ])('with %s are refused with their place and the way out', (_name, agent, problem) => {
    expect(problems({ files: { [DEFAULT_FILE]: { agents: { index: agent } } } })).toContain(problem);
  });

  test.each<[string, Given, string]>([
    [
      'a name with a space',
      { flags: ['--agent', 'my agent=/bin/x'] },
      'flag --agent: agents.my agent: expected a name of letters, digits, dot, dash and underscore, at most 63 of them',
    ],
    [
      'a path alone',
      { flags: ['--agent', '/bin/x'] },
      'flag --agent: agents: expected agents by name, such as {"index":{"command":["/usr/bin/indexer"]}}, or NAME=PATH',
    ],
    [
      'a relative path',
      { flags: ['--agent', 'x=y'] },
      'flag --agent: agents.x.command[0]: expected an absolute path: programs are never looked up on PATH, not "y"',
    ],
    ['JSON that is none', { env: { SKEIN_AGENTS: '{"a":{]' } }, 'environment SKEIN_AGENTS: agents: is not JSON'],
  ])('given as %s are refused too', (_name, given, problem) => {
    expect(problems(given).join()).toContain(problem);
  });

  test('keep the values of their environment to themselves', () => {
    const wrong = [
      { env: { KEY: 12345 } },
      { env: { 'not a name': 'sesame' } },
      { env: 'sesame' },
      { command: 'sesame' },
    ];
    for (const some of wrong) {
      const told = problems({ files: { [DEFAULT_FILE]: { agents: { index: { ...index, ...some } } } } });
      expect(told).toHaveLength(1);
      expect(told.join()).not.toMatch(/sesame|12345/);
    }
    for (const SKEIN_AGENTS of ['sesame', '{"a":sesame}', '{"sesame'])
      expect(problems({ env: { SKEIN_AGENTS } }).join()).not.toContain('sesame');
  });
});

test('timing is a profile or both numbers', () => {
  const own = { heartbeatIntervalMs: 500, sweepIntervalMs: 100 };
  expect(ready({ flags: ['--timing', 'local'] }).timing).toBe('local');
  expect(ready({ env: { SKEIN_TIMING: JSON.stringify(own) } }).timing).toEqual(own);
  expect(problems({ flags: ['--timing', 'fast'] })).toEqual([
    'flag --timing: timing: expected local, lan, wan or { heartbeatIntervalMs, sweepIntervalMs }, not "fast"',
  ]);
});

test.each<[string, Given, string]>([
  [
    'a misspelt key',
    { files: { [DEFAULT_FILE]: { dataDri: 'x' } } },
    `${DEFAULT_FILE}: dataDri is not a known key (did you mean dataDir?)`,
  ],
  [
    'a key in other dashes',
    { files: { [DEFAULT_FILE]: { 'strict-port': true } } },
    `${DEFAULT_FILE}: strict-port is not a known key (did you mean strictPort?)`,
  ],
  [
    'a key within a key',
    { files: { [DEFAULT_FILE]: { execute: { program: [] } } } },
    `${DEFAULT_FILE}: execute.program is not a known key (did you mean programs?)`,
  ],
  ['a key like no other', { files: { [DEFAULT_FILE]: { zebra: 1 } } }, `${DEFAULT_FILE}: zebra is not a known key`],
  [
    'a value of another type',
    { files: { [DEFAULT_FILE]: { port: 'high' } } },
    `${DEFAULT_FILE}: port: expected a number, not "high"`,
  ],
  ['a number out of range', { flags: ['--port', '70000'] }, 'flag --port: port: expected at most 65535, not 70000'],
  [
    'text for a number',
    { env: { SKEIN_CAPACITY: 'many' } },
    'environment SKEIN_CAPACITY: capacity: expected a number, not "many"',
  ],
  [
    'a relative program',
    { files: { [DEFAULT_FILE]: { execute: { programs: ['cat'] } } } },
    `${DEFAULT_FILE}: execute.programs[0]: expected an absolute path: programs are never looked up on PATH, not "cat"`,
  ],
  [
    'a variable with its value',
    { flags: ['--allow-variable', 'A=1'] },
    'flag --allow-variable: execute.variables[0]: expected the name of a variable, such as GREETING, not "A=1"',
  ],
  [
    "a variable of the node's own",
    { env: { SKEIN_EXECUTE_VARIABLES: 'SKEIN_EPOCH' } },
    'environment SKEIN_EXECUTE_VARIABLES: execute.variables[0]: expected another name: SKEIN_… is the node\'s own, not "SKEIN_EPOCH"',
  ],
  [
    'a seed without its scheme',
    { flags: ['--seed', 'localhost:4220'] },
    'flag --seed: seeds[0]: expected an origin such as http://127.0.0.1:4220, not "localhost:4220"',
  ],
  ['a label without a value', { flags: ['--label', 'rack'] }, 'flag --label: labels: expected an object, not "rack"'],
  ['a misspelt flag', { flags: ['--prot', '1'] }, 'flag --prot is not known (did you mean port?)'],
  ['a flag without its value', { flags: ['--port', '--name', 'x'] }, 'flag --port needs a value'],
  ['a stray argument', { flags: ['node-1'] }, 'argument node-1 is not expected: flags start with --'],
  [
    'a misspelt variable',
    { env: { SKEIN_PROT: '1' } },
    'environment SKEIN_PROT is not a known variable (did you mean SKEIN_PORT?)',
  ],
  [
    'a truth that is none',
    { env: { SKEIN_STRICT_PORT: 'maybe' } },
    'environment SKEIN_STRICT_PORT: strictPort: expected true or false, not "maybe"',
  ],
  [
    'a level that is none',
    { flags: ['--log-level', 'loud'] },
    'flag --log-level: log.level: expected one of debug, info, warn, error, silent, not "loud"',
  ],
  ['a file that is not there', { flags: ['--config', 'none.json'] }, '/here/none.json: there is no such file'],
  [
    'the data folder in its own file',
    { files: { [DEFAULT_FILE]: { dataDir: 'x' } } },
    `${DEFAULT_FILE}: dataDir cannot stand in a file that was found in the data folder; give --data-dir`,
  ],
])('%s is told with its place and its way out', (_name, given, problem) => {
  expect(problems(given)).toContain(problem);
});

test('a file that is not JSON is told so', () => {
  expect(problems({ files: { [DEFAULT_FILE]: '{ name: 1 }' } })[0]).toMatch(`${DEFAULT_FILE}: is not JSON: `);
});

test('everything that is wrong is told at once', () => {
  const given = {
    flags: ['--prot', '1', '--capacity', '0'],
    env: { SKEIN_PORT: 'x', DATABASE_URL: 'mysql://root:secret@db/x' },
    files: { [DEFAULT_FILE]: { nmae: 'a', labels: { a: 1 } } },
  };
  expect(problems(given)).toHaveLength(6);
});

test('no message repeats a token or a password', () => {
  const env = { DATABASE_URL: 'mysql://root:secret@db/x', SKEIN_JOIN_TOKEN: 'secret' };
  expect(problems({ env, files: { [DEFAULT_FILE]: { joinToken: 'secret' } } }).join()).not.toContain('secret');
});

const prism = { name: 'prism', key: 'q3Jr0mZk9_f2Xw-LbN7tYc' };

test('CortexPrism instances are given in the file, or as JSON in the environment; without a word there are none', () => {
  expect(ready({}).cortex).toEqual({ peers: [] });
  const peers = [{ ...prism, kinds: ['query_resources', 'spawn_agent'], addresses: ['10.0.0.0/8', '::1'] }];
  expect(ready({ files: { [DEFAULT_FILE]: { cortex: { peers } } } }).cortex).toEqual({ peers });
  const other = [{ ...prism, endpoint: 'http://127.0.0.1:8787/api/a2a', evaluator: ['/usr/bin/deno', 'eval'] }];
  const config = ready({
    env: { SKEIN_CORTEX_PEERS: JSON.stringify(other) },
    files: { [DEFAULT_FILE]: { cortex: { peers } } },
  });
  expect(config.cortex).toEqual({ peers: other });
});

test.each<[string, object, RegExp]>([
  ['a key that can be guessed', { key: 'short-secret' }, /key: expected 22 to 128/],
  ['an unknown kind', { kinds: ['shutdown'] }, /kinds/],
  ['an address that is none', { addresses: ['10.0.0.0/64'] }, /range such as 10\.0\.0\.0\/8, not "10\.0\.0\.0\/64"/],
  ['a key of one character', { key: 'x'.repeat(32) }, /peers\[0\]\.key: is too simple/],
  ['an endpoint with a password', { endpoint: 'http://u:secret-endpoint@10.0.0.1/' }, /endpoint: must not hold a user/],
  ['an endpoint that is none', { endpoint: 'secret-endpoint' }, /endpoint: expected a URL/],
  ['a program that is looked up', { evaluator: ['deno', 'eval'] }, /absolute path/],
  ['a key that is not known', { adresses: [] }, /did you mean addresses/],
])('of an instance, %s is told with its place, and no secret', (_what, change, says) => {
  const told = problems({ files: { [DEFAULT_FILE]: { cortex: { peers: [{ ...prism, ...change }] } } } }).join();
  expect(told).toMatch(says);
  expect(told).not.toMatch(/q3Jr0|short-secret|secret-endpoint|xxx/);
});

test('instances of the same name or key are told with the place of each, and no secret', () => {
  const peers = [prism, { ...prism, name: 'other' }, { name: 'other', key: 'Zk9_f2Xw-LbN7tYcq3Jr0m' }];
  const told = problems({ files: { [DEFAULT_FILE]: { cortex: { peers } } } });
  expect(told).toEqual([
    expect.stringMatching(/cortex\.peers\[2\]\.name: must be another than that of cortex\.peers\[1\]/),
    expect.stringMatching(/cortex\.peers\[1\]\.key: must be another than that of cortex\.peers\[0\]/),
  ]);
  expect(told.join()).not.toMatch(/q3Jr0/);
});

test.each([
  ['http://user:hunter2@10.0.0.1', /no user name and no password/],
  ['user://hunter2@10.0.0.1', /no user name/],
])('where push notifications may go, %s is refused without its password', (target, says) => {
  const told = problems({ flags: ['--push-allow', target] }).join();
  expect(told).toMatch(says);
  expect(told).not.toContain('hunter2');
});

test('a seed with a password that is none is told without it', () => {
  expect(problems({ flags: ['--seed', 'ftp://user:hunter2@10.0.0.1'] }).join()).not.toContain('hunter2');
});

test('instances that are no JSON are told by their place alone', () => {
  const told = problems({ env: { SKEIN_CORTEX_PEERS: '[{"key":"q3Jr0mZk9' } }).join();
  expect(told).toMatch(/environment SKEIN_CORTEX_PEERS: cortex\.peers: is not JSON/);
  expect(told).not.toContain('q3Jr0');
});

test.each(['0.0.0.0', '::', '192.168.1.7', 'example.org'])('listening on %s is refused without --insecure', (host) => {
  expect(problems({ flags: ['--host', host] })[0]).toContain('--insecure');
  expect(ready({ flags: ['--host', host, '--insecure'] }).host).toBe(host);
});

test.each(['127.0.0.1', '127.8.9.1', '::1', 'localhost'])('%s is loopback', (host) => {
  expect(problems({ flags: ['--host', host] })).toEqual([]);
});

test('help and version are answered whatever else is wrong', () => {
  expect(load({ flags: ['--version'], env: { SKEIN_PORT: 'x' } })).toEqual({ status: 'asked', what: 'version' });
  expect(load({ flags: ['-h', '--nonsense'] })).toEqual({ status: 'asked', what: 'help' });
});

test('how A2A is spoken comes from file, environment and flags, key by key', () => {
  expect(ready({}).a2a).toEqual({ push: { allow: [] }, httpJson: false, v03: true });
  const range = { addresses: '10.0.0.0/8', ports: [8443], plainHttp: true };
  const file = { a2a: { push: { allow: ['http://127.0.0.1:4000', '10.1.0.0/16', range] }, v03: false } };
  expect(ready({ files: { [DEFAULT_FILE]: file } }).a2a).toEqual({ ...file.a2a, httpJson: false });
  const config = ready({
    flags: ['--a2a-http-json', '--push-allow', 'http://hooks.lan', '--push-allow', JSON.stringify(range)],
    env: { SKEIN_A2A_V03: 'true', SKEIN_PUSH_ALLOW: 'https://other.lan' },
    files: { [DEFAULT_FILE]: file },
  });
  expect(config.a2a).toEqual({ push: { allow: ['http://hooks.lan', range] }, httpJson: true, v03: true });
  expect(
    ready({ flags: ['--a2a-v03', 'false'], env: { SKEIN_PUSH_ALLOW: '::1, http://[::1]:4000' } }).a2a,
  ).toMatchObject({
    push: { allow: ['::1', 'http://[::1]:4000'] },
    v03: false,
  });
});

test.each<[string, unknown]>([
  ['a2a.push.allow[0]', { push: { allow: ['http://hooks.lan/path'] } }],
  ['a2a.push.allow[0]', { push: { allow: ['ftp://hooks.lan'] } }],
  ['a2a.push.allow[1]', { push: { allow: ['http://hooks.lan', '10.0.0.0/33'] } }],
  ['a2a.push.allow[0]', { push: { allow: [{ addresses: '10.0.0.0/8', ports: [0] }] } }],
  ['a2a.push.alow', { push: { alow: [] } }],
  ['a2a.httpJSON', { httpJSON: true }],
  ['a2a.v03', { v03: 'yes' }],
])('%s is told as wrong where %j stands', (key, a2a) => {
  expect(problems({ files: { [DEFAULT_FILE]: { a2a } } }).join()).toContain(`skein.config.json: ${key}`);
});
