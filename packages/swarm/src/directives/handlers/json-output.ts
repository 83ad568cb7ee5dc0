/** What a program's own code hands back, as the JSON that travels and is stored. */
import { z } from 'zod';
import type { HandlerOutput } from './handler.ts';

const MAX_OUTPUT_BYTES = 1_048_576;

export type JsonOutput = { status: 'json'; output: HandlerOutput | undefined } | { status: 'invalid'; why: string };

/** As JSON.stringify reads it: dates become text, fields without a value go. Nothing at all is no output. */
export function toJsonOutput(value: unknown): JsonOutput {
  if (value === undefined) return { status: 'json', output: undefined };
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    return { status: 'invalid', why: messageOf(cause) }; // a bigint, a circle, a toJSON that throws
  }
  if (text === undefined) return { status: 'invalid', why: `a ${typeof value} is no JSON` };
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_OUTPUT_BYTES)
    return { status: 'invalid', why: `it has ${bytes} bytes as JSON, and ${MAX_OUTPUT_BYTES} are the most` };
  return { status: 'json', output: z.json().parse(JSON.parse(text)) };
}

/** An error's own words in one line, without where it came from. */
export function messageOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.split('\n', 1)[0]?.slice(0, 500) || 'no reason was given';
}
