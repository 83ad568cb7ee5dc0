import { expect, test } from 'vitest';
import { targetFault } from './request-target.ts';

test.each([
  { url: '/', rawHeaders: ['Host', 'a'], fault: false },
  { url: '/a2a?A2A-Version=1.0', rawHeaders: ['Accept', 'host', 'HOST', 'a'], fault: false },
  { url: '/', rawHeaders: [], fault: true },
  { url: '/', rawHeaders: ['Host', 'a', 'host', 'a'], fault: true },
  { url: '/', rawHeaders: ['Host', 'a', 'Host', 'b'], fault: true },
  { url: 'http://a/a2a', rawHeaders: ['Host', 'a'], fault: true },
  { url: '*', rawHeaders: ['Host', 'a'], fault: true },
  { url: 'a:443', rawHeaders: ['Host', 'a'], fault: true },
  { url: '', rawHeaders: ['Host', 'a'], fault: true },
])('$url with $rawHeaders: $fault', ({ url, rawHeaders, fault }) => {
  expect(targetFault({ url, rawHeaders }) !== undefined).toBe(fault);
});
