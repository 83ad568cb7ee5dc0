/** Reads one source each: the environment and the flags, key by key, with every problem told by its own name. */
import { parseArgs } from 'node:util';
import { didYouMean } from '../near-miss.ts';
import { PartialConfig } from './config-schema.ts';
import { configProblems } from './problems.ts';
import { type Setting, settings } from './settings.ts';

export interface Source {
  config: PartialConfig;
  problems: string[];
}

/** Variables of the command line, which start with SKEIN_ too. */
const FOREIGN_ENV = ['SKEIN_CONFIG', 'SKEIN_URL', 'SKEIN_TOKEN'];

/** Empty variables count as absent: that is how compose files and shells leave them out. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Source {
  const source: Source = { config: {}, problems: [] };
  for (const setting of settings) {
    const written = env[setting.env];
    if (written === undefined || written === '') continue;
    const isJson = written.trimStart().startsWith('{');
    const texts = isJson
      ? [written.trim()]
      : setting.many
        ? written
            .split(',')
            .map((part) => part.trim())
            .filter((part) => part !== '')
        : [written];
    put(source, setting, texts, `environment ${setting.env}`);
  }
  const known = [...settings.map((setting) => setting.env), ...FOREIGN_ENV];
  for (const name of Object.keys(env))
    if (name.startsWith('SKEIN_') && !known.includes(name))
      source.problems.push(`environment ${name} is not a known variable${didYouMean(name, known)}`);
  return source;
}

export interface Flags extends Source {
  configFile?: string;
  help: boolean;
  version: boolean;
}

export function readFlags(args: readonly string[]): Flags {
  const source: Flags = { config: {}, problems: [], help: false, version: false };
  const byFlag = new Map(settings.map((setting) => [setting.flag, setting]));
  const known = [...byFlag.keys(), 'config', 'help', 'version'];
  const given = new Map<Setting, string[]>();
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    options: {
      ...Object.fromEntries(settings.map(({ flag, value }) => [flag, { type: value ? 'string' : 'boolean' } as const])),
      config: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean', short: 'V' },
    },
  });
  for (const [index, token] of tokens.entries()) {
    // What follows an unknown flag was its value, most likely: one slip, one problem.
    const before = tokens[index - 1];
    const afterUnknown = before?.kind === 'option' && !known.includes(before.name);
    if (token.kind === 'positional' && !afterUnknown)
      source.problems.push(`argument ${token.value} is not expected: flags start with --`);
    if (token.kind !== 'option') continue;
    const { name, rawName, value, inlineValue } = token;
    const setting = byFlag.get(name);
    const noValue = value === undefined || (!inlineValue && value.startsWith('--'));
    if (name === 'help') source.help = true;
    else if (name === 'version') source.version = true;
    else if (!known.includes(name)) source.problems.push(`flag ${rawName} is not known${didYouMean(name, known)}`);
    else if (setting && !setting.value) given.set(setting, [value ?? 'true']);
    else if (noValue) source.problems.push(`flag ${rawName} needs a value`);
    else if (setting) given.set(setting, setting.many ? [...(given.get(setting) ?? []), value] : [value]);
    else source.configFile = value;
  }
  for (const [setting, texts] of given) put(source, setting, texts, `flag --${setting.flag}`);
  return source;
}

function gathered({ many, read, gather }: Setting, texts: readonly string[]): unknown {
  if (gather) return gather(texts);
  return many ? texts.map(read) : read(texts.at(-1) ?? '');
}

function put(source: Source, setting: Setting, texts: readonly string[], name: string): void {
  let value: unknown;
  try {
    value = gathered(setting, texts);
  } catch (cause) {
    // Only where, never what: it may hold a secret.
    const [position = ''] = /at position \d+/.exec(String(cause)) ?? [];
    source.problems.push(`${name}: ${setting.key}: is not JSON ${position}`.trimEnd());
    return;
  }
  const written = setting.key.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
  const parsed = PartialConfig.safeParse(written);
  if (parsed.success) {
    const { execute, a2a } = parsed.data;
    Object.assign(
      source.config,
      parsed.data,
      execute && { execute: { ...source.config.execute, ...execute } },
      a2a && { a2a: { ...source.config.a2a, ...a2a } },
    );
  } else source.problems.push(...configProblems(parsed.error, written).map((problem) => `${name}: ${problem}`));
}
