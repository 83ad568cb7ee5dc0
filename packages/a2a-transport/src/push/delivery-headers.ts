import type { TaskPushNotificationConfig } from '@skein/contracts/a2a';

/** What a secret looks like when it is read back: `MASK` says that there is one. */
export const MASK = '********';
const MAX_SECRET = 4_096;

/** RFC 9110: a scheme is a token, and a header's value has no controls, whatever else somebody would like to smuggle in. */
const SCHEME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}$/;
const VALUE = /^[\x20-\x7e]*$/;

/** How the receiver knows who posts. Of a configuration that `brokenHeader` found fault with, nothing broken is sent. */
export function credentialHeaders(config: TaskPushNotificationConfig): Record<string, string> {
  if (brokenHeader(config) !== undefined) return {};
  const { authentication: { scheme, credentials } = { scheme: '' }, token } = config;
  return {
    ...(credentials && { authorization: `${scheme} ${credentials}` }),
    ...(token && { 'x-a2a-notification-token': token }),
  };
}

/** What of a configuration cannot go into a header, in words for its maker; undefined when all can. */
export function brokenHeader({ authentication, token }: TaskPushNotificationConfig): string | undefined {
  const secrets = { 'authentication.credentials': authentication?.credentials, token };
  for (const [name, value] of Object.entries(secrets)) {
    if (value === undefined) continue;
    if (value === MASK) return `"${name}" is the mask that a secret is read back with: send the secret itself`;
    if (value.length > MAX_SECRET) return `"${name}" has more than ${MAX_SECRET} characters`;
    if (!VALUE.test(value) || value.trim() !== value) {
      return `"${name}" has to fit into an HTTP header: visible ASCII characters, with spaces only between them`;
    }
  }
  if (authentication && !SCHEME.test(authentication.scheme)) {
    return '"authentication.scheme" has to be one HTTP authentication scheme, such as Bearer';
  }
  return undefined;
}

/** The configuration as its owner reads it back. */
export function masked(config: TaskPushNotificationConfig): TaskPushNotificationConfig {
  const { authentication, token } = config;
  return {
    ...config,
    ...(token !== undefined && { token: MASK }),
    ...(authentication && {
      authentication: {
        ...authentication,
        ...(authentication.credentials !== undefined && { credentials: MASK }),
      },
    }),
  };
}
