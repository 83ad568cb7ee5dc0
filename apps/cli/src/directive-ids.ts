/** Tables show the beginning of an id; whatever takes an id takes that too. */
import type { DirectiveView } from '@skein/contracts';
import type { NodeClient } from './client.ts';
import { CliError, exitCodes } from './exit-codes.ts';

const WHOLE_ID_LENGTH = 36;
const SEARCHED = 1_000;

export async function requireDirectiveId(client: Pick<NodeClient, 'listDirectives'>, word: string): Promise<string> {
  if (word.length >= WHOLE_ID_LENGTH) return word;
  if (!/^[0-9a-f-]{4,}$/i.test(word))
    throw new CliError(
      exitCodes.usage,
      'invalid_argument',
      `${word} is not a directive's id: give it, or at least its first 4 characters`,
    );
  const found = idsStartingWith(await client.listDirectives({ limit: SEARCHED }), word.toLowerCase());
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  if (only === undefined)
    throw new CliError(
      exitCodes.notFound,
      'directive_not_found',
      `none of the latest ${SEARCHED} directives starts with ${word}`,
    );
  throw new CliError(
    exitCodes.usage,
    'ambiguous_directive',
    `${found.length} directives start with ${word}: ${found.join(', ')}`,
  );
}

/** Both ends of a directive are one directive. */
function idsStartingWith(directives: readonly DirectiveView[], prefix: string): string[] {
  return [...new Set(directives.map(({ id }) => id).filter((id) => id.startsWith(prefix)))];
}
