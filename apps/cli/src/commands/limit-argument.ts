import { InvalidArgumentError } from 'commander';

/** For commander: how many to show. */
export function limitArgument(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000)
    throw new InvalidArgumentError('Write a number from 1 to 1000.');
  return limit;
}
