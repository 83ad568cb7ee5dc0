import { A2AError } from '../errors.ts';
import type { ServedRequest } from './http/served-request.ts';

export type ProtocolVersion = '1.0' | '0.3';

const spoken = /^(1\.0|0\.3)(?:\.\d{1,9})?$/;

/** The protocol version of a request: `A2A-Version` as header or query parameter. None means 0.3, says the specification. */
export function requestedVersion(request: Pick<ServedRequest, 'header' | 'target'>): string {
  return request.header('a2a-version')?.trim() || versionInQuery(request.target) || '0.3';
}

function versionInQuery(url: string): string | undefined {
  const query = url.indexOf('?');
  if (query < 0) return undefined;
  return new URLSearchParams(url.slice(query)).get('A2A-Version')?.trim();
}

/** The version as far as it decides anything: its patch number is passed over. Throws VERSION_NOT_SUPPORTED. */
export function assertVersion(version: string, supported: readonly ProtocolVersion[]): ProtocolVersion {
  const named = spoken.exec(version)?.[1];
  const known = supported.find((each) => each === named);
  if (known) return known;
  const [first = '1.0'] = supported;
  throw new A2AError(
    'VERSION_NOT_SUPPORTED',
    `This endpoint speaks A2A ${supported.join(' and ')}; say so with "A2A-Version: ${first}"`,
    { metadata: { requestedVersion: version.slice(0, 32), supportedVersions: supported.join(', ') } },
  );
}
