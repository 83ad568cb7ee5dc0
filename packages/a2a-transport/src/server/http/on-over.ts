import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Calls back once when the response is over: sent, or its client gone. A response that waits behind another on its
 * connection has no socket of its own yet and hears nothing of that socket's end. Gives back what stops the listening.
 */
export function onOver(incoming: IncomingMessage, outgoing: ServerResponse, act: () => void): () => void {
  const { socket } = incoming;
  const waits = outgoing.socket === null && socket && !outgoing.writableEnded;
  const unlisten = () => {
    outgoing.off('close', over);
    if (waits) socket.off('close', over);
  };
  const over = () => {
    unlisten();
    act();
  };
  outgoing.once('close', over);
  if (waits) socket.once('close', over);
  if (outgoing.destroyed || (waits && socket.destroyed)) over();
  return unlisten;
}
