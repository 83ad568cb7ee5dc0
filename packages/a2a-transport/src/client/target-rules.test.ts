import { describe, expect, test } from 'vitest';
import { type AllowedTarget, createTargetRules } from './target-rules.ts';

const readable = (url: string, allow: AllowedTarget[] = []) => createTargetRules(allow).readUrl(url) !== undefined;

describe('without any word of the operator', () => {
  test.each([
    'https://hooks.example/a2a?x=1',
    'https://hooks.example:8443/',
    'https://8.8.8.8/',
    'https://[2606:4700::1111]/',
    'HTTPS://HOOKS.EXAMPLE',
    'https://localhost.example/',
  ])('%s may be tried', (url) => {
    expect(readable(url)).toBe(true);
  });

  test.each([
    'http://hooks.example/',
    'ftp://hooks.example/',
    'file:///etc/passwd',
    'data:text/plain,hello',
    'javascript:alert(1)',
    'ws://hooks.example/',
    'https://user@hooks.example/',
    'https://user:secret@hooks.example/',
    'https://hooks.example:22/',
    'https://hooks.example:1023/',
    'https://localhost/',
    'https://LOCALHOST./',
    'https://api.localhost/',
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0x7f.0.0.1/',
    'https://017700000001/',
    'https://0177.0.0.1/',
    'https://①②⑦.⓪.⓪.①/',
    'https://0/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:a9fe:a9fe]/',
    'https://[fe80::1%25eth0]/',
    'https://[64:ff9b::10.0.0.1]/',
    'https://169.254.169.254/latest/meta-data/',
    'https://hooks.example:99999/',
    '//hooks.example/',
    'hooks.example',
    '',
  ])('%j is refused', (url) => {
    expect(readable(url)).toBe(false);
  });
});

describe('what the operator allows', () => {
  const allow: AllowedTarget[] = [
    { origin: 'http://127.0.0.1:4000' },
    { origin: 'https://hooks.lan' },
    { addresses: '10.20.0.0/16', ports: [443, 8080], plainHttp: true },
    { addresses: 'fd12::/32' },
  ];
  const rules = createTargetRules(allow);

  test.each([
    { url: 'http://127.0.0.1:4000/a', allowed: true },
    { url: 'http://127.0.0.1:4001/a', allowed: false },
    { url: 'https://127.0.0.1:4000/a', allowed: false },
    { url: 'http://user@127.0.0.1:4000/a', allowed: false },
    { url: 'http://10.20.3.4:8080/', allowed: true },
    { url: 'http://10.20.3.4/', allowed: false },
    { url: 'https://10.20.3.4/', allowed: true },
    { url: 'https://10.21.3.4/', allowed: false },
    { url: 'https://[fd12::7]/', allowed: true },
    { url: 'http://[fd12::7]:443/', allowed: false },
    { url: 'http://any.example:8080/', allowed: true },
    { url: 'http://any.example/', allowed: false },
  ])('$url: $allowed', ({ url, allowed }) => {
    expect(rules.readUrl(url) !== undefined).toBe(allowed);
  });

  test.each([
    { url: 'https://hooks.lan/', address: '192.168.1.9', admitted: true },
    { url: 'https://hooks.lan:8443/', address: '192.168.1.9', admitted: false },
    { url: 'https://hooks.example/', address: '192.168.1.9', admitted: false },
    { url: 'https://hooks.example/', address: '8.8.8.8', admitted: true },
    { url: 'https://hooks.example/', address: '10.20.0.1', admitted: true },
    { url: 'http://hooks.example:8080/', address: '10.20.0.1', admitted: true },
    { url: 'http://hooks.example:8080/', address: '::ffff:10.20.0.1', admitted: true },
    { url: 'http://hooks.example:8080/', address: '8.8.8.8', admitted: false },
    { url: 'https://hooks.lan/', address: 'hooks.lan', admitted: false },
  ])('for $url, $address: $admitted', ({ url, address, admitted }) => {
    expect(rules.admits(new URL(url), address)).toBe(admitted);
  });

  test.each(['http://127.0.0.1:4000/path', 'hooks.lan', 'ftp://hooks.lan', 'https://user@hooks.lan', ''])(
    '%j is no origin, and the operator is told so',
    (origin) => {
      expect(() => createTargetRules([{ origin }])).toThrow(TypeError);
    },
  );
});
