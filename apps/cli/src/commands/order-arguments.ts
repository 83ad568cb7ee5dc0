/** From the words of a command line to a directive that the contract knows. */
import { DirectiveKind, type DispatchInput, DispatchRequest, type Target } from '@skein/contracts';
import { parseJson, wrongUsage } from '../arguments.ts';

export interface OrderWords {
  command: readonly string[];
  kind?: string;
  payload?: string;
  priority?: string;
  ttl?: number;
  effect?: string;
}

export function orderFromWords(words: OrderWords, target: Target): DispatchInput {
  const input = { target, ...orderWordsFrom(words, "'skein dispatch --to NODE -- program args…'") };
  const parsed = DispatchRequest.safeParse(input);
  // The node says field by field what is wrong; only what cannot be sent at all is refused here.
  return parsed.success ? parsed.data : (input as DispatchInput);
}

/** The same without a destination. `example` is what somebody reads who gave no order at all. */
export function orderWordsFrom(words: OrderWords, example: string) {
  return {
    kind: kindOf(words, example),
    payload: payloadOf(words),
    ...(words.priority !== undefined && { priority: words.priority }),
    ...(words.ttl !== undefined && { ttlMs: words.ttl }),
    ...(words.effect !== undefined && { effect: words.effect }),
  };
}

function kindOf({ kind, command }: OrderWords, example: string): DirectiveKind {
  if (kind === undefined && command.length === 0) throw wrongUsage(`say what to do: ${example}, or --kind KIND`);
  if (kind !== undefined && command.length > 0 && kind !== 'execute_task')
    throw wrongUsage(`--kind ${kind} takes --payload, not a program`);
  return DirectiveKind.parse(kind ?? 'execute_task');
}

function payloadOf({ command, payload, kind }: OrderWords): unknown {
  if (command.length > 0) {
    if (payload !== undefined) throw wrongUsage('give a program or --payload, not both');
    return { command };
  }
  if (payload === undefined) {
    if (kind === 'query_resources') return {};
    throw wrongUsage(`--kind ${kind} needs --payload JSON`);
  }
  return parseJson(payload, '--payload');
}
