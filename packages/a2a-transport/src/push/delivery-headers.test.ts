import fc from 'fast-check';
import { expect, test } from 'vitest';
import { brokenHeader, credentialHeaders, MASK, masked } from './delivery-headers.ts';

const url = 'https://hooks.example/';

test('authentication and token go where receivers look for them', () => {
  const config = { url, token: 't0ken', authentication: { scheme: 'Bearer', credentials: 'abc.def' } };
  expect(brokenHeader(config)).toBeUndefined();
  expect(credentialHeaders(config)).toEqual({
    authorization: 'Bearer abc.def',
    'x-a2a-notification-token': 't0ken',
  });
  expect(credentialHeaders({ url })).toEqual({});
  expect(credentialHeaders({ url, authentication: { scheme: 'Bearer' } })).toEqual({});
});

test.each([
  { what: 'a line end in the token', config: { token: 'a\r\nx-evil: 1' } },
  { what: 'a line end in the credentials', config: { authentication: { scheme: 'Bearer', credentials: 'a\nb' } } },
  { what: 'a line end in the scheme', config: { authentication: { scheme: 'Bearer\r\nx-evil:', credentials: 'a' } } },
  { what: 'two words as a scheme', config: { authentication: { scheme: 'Bearer x', credentials: 'a' } } },
  { what: 'an empty scheme', config: { authentication: { scheme: '', credentials: 'a' } } },
  { what: 'a NUL', config: { token: 'a\0b' } },
  { what: 'letters beyond ASCII', config: { token: 'tökén' } },
  { what: 'space around', config: { token: ' token ' } },
  { what: 'too much', config: { token: 'a'.repeat(4_097) } },
  { what: 'the mask in place of the token', config: { token: MASK } },
  { what: 'the mask in place of the credentials', config: { authentication: { scheme: 'Basic', credentials: MASK } } },
])('$what is refused, and nothing of it is sent', ({ config }) => {
  expect(brokenHeader({ url, ...config })).toMatch(/^"(token|authentication\.(scheme|credentials))" /);
  expect(credentialHeaders({ url, ...config })).toEqual({});
});

test('whatever comes, no header gets a second line', () => {
  const text = fc.string({ unit: fc.constantFrom('a', ' ', '\r', '\n', '\0', '\u2028', 'é', ':') });
  fc.assert(
    fc.property(text, text, text, (token, scheme, credentials) => {
      const headers = credentialHeaders({ url, token, authentication: { scheme, credentials } });
      expect(() => new Headers(headers)).not.toThrow();
      for (const value of Object.values(headers)) expect(value).toMatch(/^[\x20-\x7e]*$/);
    }),
  );
});

test('secrets are read back as masks, and only where there are some', () => {
  const config = { url, id: '1', token: 'secret', authentication: { scheme: 'Bearer', credentials: 'secret' } };
  expect(masked(config)).toEqual({
    url,
    id: '1',
    token: MASK,
    authentication: { scheme: 'Bearer', credentials: MASK },
  });
  expect(masked({ url, id: '1' })).toEqual({ url, id: '1' });
  expect(masked({ url, authentication: { scheme: 'Bearer' } })).toEqual({ url, authentication: { scheme: 'Bearer' } });
});
