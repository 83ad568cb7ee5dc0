import { isIP } from 'node:net';

/** Whose requests these are: names and addresses by which this server may be called. */
export interface HostList {
  /** Whether a request may name this host, having come in at this address of the machine. */
  admits(host: string, localAddress: string | undefined): boolean;
}

/**
 * A page in a browser can have its own name lead to this machine and then call it as if it were its own server: so a
 * server answers to the names that it was given, to the address that a request came in at, and on loopback to the
 * machine's names for itself. A name that is given without a port is good at every port.
 */
export function createHostList(given: readonly string[]): HostList {
  const names = new Set(given.map(readGiven));
  return {
    admits(host, localAddress) {
      const url = readHost(host);
      if (!url) return false;
      const name = url.hostname;
      if (names.has(name) || names.has(`${name}:${url.port || '80'}`)) return true;
      const own = localAddress === undefined ? undefined : addressName(localAddress);
      if (own === undefined) return false;
      return name === own || (isLoopback(own) && (name === 'localhost' || isLoopback(name)));
    },
  };
}

/** A host as `URL` spells it: lower case, an address in its shortest form, IPv6 in brackets. */
function readHost(host: string): URL | undefined {
  // Whatever could end the host within a URL is no part of one.
  if (!/^[\w.:[\]-]{1,255}$/.test(host) || !URL.canParse(`http://${host}`)) return undefined;
  return new URL(`http://${host}`);
}

function readGiven(host: string): string {
  const url = readHost(isIP(host) === 6 ? `[${host}]` : host);
  if (!url) throw new TypeError(`"${host}" is no host, such as agent.example or 10.0.0.7:4000`);
  const port = url.port || (/:80$/.test(host) ? '80' : '');
  return port === '' ? url.hostname : `${url.hostname}:${port}`;
}

/** An address of a socket, spelt as a host: IPv4 that came in at an IPv6 socket is IPv4. */
function addressName(address: string): string {
  const [plain = ''] = address.replace(/^::ffff:(?=\d+\.)/i, '').split('%', 1);
  return isIP(plain) === 6 ? new URL(`http://[${plain}]`).hostname : plain;
}

function isLoopback(host: string): boolean {
  return host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'));
}
