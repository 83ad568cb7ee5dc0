/** Arguments and options that several commands take: each from its text, or with what is wrong with it. */
import { GroupName } from '@skein/contracts';
import { InvalidArgumentError } from 'commander';
import { parseDuration } from './durations.ts';
import { CliError, exitCodes } from './exit-codes.ts';

export const wrongUsage = (message: string) => new CliError(exitCodes.usage, 'invalid_argument', message);

export function durationArgument(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('Write a number and a unit: 500ms, 30s, 10m, 2h.');
  return ms;
}

export function groupArgument(text: string): string {
  const parsed = GroupName.safeParse(text);
  if (!parsed.success) throw new InvalidArgumentError(`${parsed.error.issues[0]?.message}.`);
  return parsed.data;
}

/** How many to show. */
export const limitArgument = (most: number) => (text: string) => {
  const limit = Number(text);
  if (!/^\d+$/.test(text) || limit < 1 || limit > most)
    throw new InvalidArgumentError(`Write a number from 1 to ${most}.`);
  return limit;
};

/** What an option that may be given several times has been given. */
export const several = (text: string, before: readonly string[] = []): string[] => [...before, text];

export function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw wrongUsage(`${name} is not JSON: ${cause instanceof Error ? cause.message : cause}`);
  }
}
