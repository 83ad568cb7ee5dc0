import { expect, test } from 'vitest';
import { createHostList } from './host-list.ts';

test.each([
  // Addresses: what the request came in at.
  { host: '127.0.0.1:4000', at: '127.0.0.1', admitted: true },
  { host: '10.0.0.7', at: '10.0.0.7', admitted: true },
  { host: '10.0.0.8', at: '10.0.0.7', admitted: false },
  { host: '10.0.0.7:4000', at: '::ffff:10.0.0.7', admitted: true },
  { host: '[fd00::1]:4000', at: 'fd00::1', admitted: true },
  { host: '[fd00:0:0::1]:4000', at: 'fd00::1', admitted: true },
  { host: '[fe80::1]', at: 'fe80::1%eth0', admitted: true },
  { host: '127.0.0.1', at: '10.0.0.7', admitted: false },
  // The machine's names for itself, on loopback alone.
  { host: 'localhost:4000', at: '127.0.0.1', admitted: true },
  { host: 'LocalHost', at: '::1', admitted: true },
  { host: '127.1.2.3', at: '127.0.0.1', admitted: true },
  { host: '[::1]:4000', at: '127.0.0.1', admitted: true },
  { host: 'localhost', at: '10.0.0.7', admitted: false },
  // Names are given, whatever they lead to.
  { host: 'agent.example', at: '10.0.0.7', admitted: true },
  { host: 'AGENT.example:8443', at: '10.0.0.7', admitted: true },
  { host: 'other.example:8080', at: '10.0.0.7', admitted: true },
  { host: 'other.example:8081', at: '10.0.0.7', admitted: false },
  { host: 'other.example', at: '10.0.0.7', admitted: false },
  { host: 'evil.example', at: '127.0.0.1', admitted: false },
  { host: 'agent.example.evil.example', at: '127.0.0.1', admitted: false },
  { host: 'localhost.evil.example', at: '127.0.0.1', admitted: false },
  { host: '[fd00::2]:1', at: '::1', admitted: true },
  // What is no host.
  { host: '', at: '127.0.0.1', admitted: false },
  { host: 'agent.example/..', at: '127.0.0.1', admitted: false },
  { host: 'evil@agent.example', at: '127.0.0.1', admitted: false },
  { host: 'agent.example evil', at: '127.0.0.1', admitted: false },
  { host: 'agent.example:port', at: '127.0.0.1', admitted: false },
  { host: 'agent.example', at: undefined, admitted: true },
  { host: 'localhost', at: undefined, admitted: false },
])('$host at $at: $admitted', ({ host, at, admitted }) => {
  const list = createHostList(['agent.example', 'other.example:8080', 'fd00::2']);
  expect(list.admits(host, at)).toBe(admitted);
});

test('port 80 is the one that goes without saying', () => {
  const list = createHostList(['agent.example:80']);
  const admitted = ['agent.example', 'agent.example:80', 'agent.example:81'].map((host) =>
    list.admits(host, undefined),
  );
  expect(admitted).toEqual([true, true, false]);
});

test.each(['', 'a b', 'http://agent.example', 'agent.example/'])('%j cannot be given', (host) => {
  expect(() => createHostList([host])).toThrow('is no host');
});
