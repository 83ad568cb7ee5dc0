/** Why a directive did not complete, and whose word that is: `skein: node-2 rejected it: message (reason)`. */
import type { DirectiveResult } from '@skein/contracts';
import { oneLine, type Terminal } from './terminal.ts';

export function sayFailed({ status, error }: DirectiveResult, node: string, { err, color }: Terminal): void {
  const why = error ? `: ${oneLine(`${error.message} (${error.reason})`)}` : '';
  err(`skein: ${color.red(headOf(status, node))}${why}\n`);
}

function headOf(status: DirectiveResult['status'], node: string): string {
  if (status === 'rejected') return `${node} rejected it`;
  return status === 'failed' || status === 'interrupted' ? `${status} on ${node}` : status;
}
