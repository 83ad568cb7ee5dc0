import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { CrossOrigin } from './cross-origin.ts';
import type { HostList } from './host-list.ts';
import { targetFault } from './request-target.ts';

interface DoorwayRules {
  hosts: HostList;
  crossOrigin: CrossOrigin;
}

/** Turns away what is no request to this server, before anything of it is read; the rest goes on to `next`. */
export function createDoorway({ hosts, crossOrigin }: DoorwayRules, next: RequestListener): RequestListener {
  return (request, response) => {
    const fault = targetFault(request) ?? hostFault(request);
    if (fault !== undefined) return refuse(response, 400, fault);
    const answer = crossOrigin.answer(request, response);
    if (answer === 403) return refuse(response, 403, 'Pages of this origin may not call; the server can allow it');
    if (answer === 204) {
      response.writeHead(204).end();
      return;
    }
    next(request, response);
  };

  function hostFault({ headers, socket }: IncomingMessage): string | undefined {
    if (hosts.admits(headers.host ?? '', socket.localAddress)) return undefined;
    return 'This server does not go by that host name; the `hosts` of serveA2A say that it does';
  }
}

/** Nobody reads on where a request began like that: the connection ends with the answer. */
function refuse(response: ServerResponse, status: 400 | 403, why: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end(`${why}\n`);
}
