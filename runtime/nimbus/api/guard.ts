/**
 * Who may ask at all. A page from anywhere can have a browser on this machine send requests to 127.0.0.1; it may
 * have its own name lead there (DNS rebinding), which the Host header tells, or ask across origins, which Origin tells.
 *
 * @module
 */
import { sameToken } from '../token.js';
import { RequestError } from './problem.js';

/** @throws RequestError when it came by a name that is not ours, or from a page that is not */
export function refuseForeign(headers: Headers, listening: string): void {
  const host = headers.get('host') ?? '';
  if (!isOurs(hostname(host), listening))
    throw new RequestError(
      403,
      'foreign-host',
      'This server answers to 127.0.0.1 and localhost only: ask it by one of these.',
    );
  const origin = headers.get('origin');
  if (origin !== null && origin !== `http://${host}`)
    throw new RequestError(403, 'foreign-origin', 'Pages of other origins may not ask here.');
}

/** @throws RequestError when it does not show the token */
export function refuseWithoutToken(headers: Headers, token: string): void {
  const [, given] = /^Bearer +([\w-]+) *$/i.exec(headers.get('authorization') ?? '') ?? [];
  if (given !== undefined && sameToken(given, token)) return;
  throw new RequestError(
    401,
    'no-token',
    'This needs the token of the cluster: Authorization: Bearer, and what is in the file "token" of its folder.',
    { 'www-authenticate': 'Bearer realm="squall"' },
  );
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

const isOurs = (name: string, listening: string): boolean =>
  LOOPBACK.has(name) || name === hostname(listening.includes(':') ? `[${listening}]` : listening);

/** Without the port, in lower case; nothing of what is no host. */
function hostname(host: string): string {
  return URL.canParse(`http://${host}/`) ? new URL(`http://${host}/`).hostname : '';
}
