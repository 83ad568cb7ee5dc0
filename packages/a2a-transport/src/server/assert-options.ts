import type { A2AServerOptions } from './server-options.ts';

/**
 * What the types say already, for programs without types: a mistake is told where it was made and not with the first
 * message.
 */
export function assertOptions({ card, executor, extendedCard, authenticator, push }: A2AServerOptions): void {
  const execute: unknown = typeof executor === 'function' ? executor : executor?.execute;
  if (typeof execute !== 'function') {
    throw new TypeError('executor must be an async generator function, or an object with one named execute');
  }
  if (isPlainFunction(execute)) {
    throw new TypeError('executor must be an async generator: write `async *executor({ message }) { yield … }`');
  }
  if (typeof card !== 'function' && (typeof card?.name !== 'string' || card.name === '')) {
    throw new TypeError('card must name the agent: `card: { name: "Echo", description: "Says it again" }`');
  }
  if (extendedCard && !authenticator) {
    throw new TypeError('extendedCard needs an authenticator: it is for callers who have proved who they are');
  }
  const allow: unknown = (push && 'allow' in push && push.allow) || [];
  if (!Array.isArray(allow) || allow.some((target) => typeof target !== 'object' || target === null)) {
    throw new TypeError('push.allow is a list of targets such as { origin: "http://127.0.0.1:4000" }');
  }
}

/** An `async` function without its star answers a promise, which nobody can iterate. */
function isPlainFunction(execute: object): boolean {
  return Object.prototype.toString.call(execute) === '[object AsyncFunction]';
}
