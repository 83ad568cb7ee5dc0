import { A2AError } from '../errors.ts';

const supported = /^1\.0(\.\d{1,9})?$/;

/** The protocol version of a request: `A2A-Version` as header or query parameter. None means 0.3, says the specification. */
export function requestedVersion(headers: Headers, url: string): string {
  return headers.get('a2a-version')?.trim() || new URL(url).searchParams.get('A2A-Version')?.trim() || '0.3';
}

/** Only 1.0 is spoken here; its patch number is passed over. */
export function assertVersion(version: string): void {
  if (supported.test(version)) return;
  throw new A2AError('VERSION_NOT_SUPPORTED', 'This endpoint speaks A2A 1.0; say so with "A2A-Version: 1.0"', {
    metadata: { requestedVersion: version.slice(0, 32), supportedVersions: '1.0' },
  });
}
