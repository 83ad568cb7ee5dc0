/** The help of `skein up`: made from the table of settings, so that it cannot fall behind. */
import { settings } from './settings.ts';

export function helpText(): string {
  const rows = settings.map(({ flag, value, env, help, many }) => ({
    left: `  --${flag}${value ? ` ${value}` : ''}${many ? ' …' : ''}`,
    right: `${help} [${env}]`,
  }));
  rows.push(
    { left: '  --config FILE', right: 'default: skein.config.json in the data folder [SKEIN_CONFIG]' },
    { left: '  --help, --version', right: '' },
  );
  const width = Math.max(...rows.map((row) => row.left.length)) + 2;
  return [
    'Starts a node and keeps it up until Ctrl-C.',
    '',
    'Usage: skein up [flags]',
    '',
    ...rows.map((row) => `${row.left.padEnd(width)}${row.right}`.trimEnd()),
    '',
    'Flags win over the environment, the environment over the file. Flags marked … may be given several times.',
    'Exit codes: 0 stopped, 1 failed, 2 wrong configuration, 6 folder or port in use, 130 and 143 ended at once.',
  ].join('\n');
}
