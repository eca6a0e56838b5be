/** Reduces a referer to the registrable domain of its host. @module */
import { getDomain } from 'tldts';
import { nullable, text } from '../../topology/rows/field.js';
import type { Pii } from '../../topology/rows/pii.js';
import { bytesOf, endOf, startOf } from '../../topology/rows/reveal.js';
import { ByteCache } from './byte-cache.js';
import { isNothing, type Rule } from './rule.js';

/**
 * Gives `referer_domain` instead of the field: the public suffix and one label before it (`https://a.b.example.co.uk/x` becomes `example.co.uk`), by the
 * Public Suffix List with its private part. Null when there is no such domain, the host is an address, or the scheme is
 * neither http nor https. Takes a bare host as well.
 *
 * @example
 * anonymize(Request, { referer: registrableDomain() });
 */
export function registrableDomain(): Rule<'referer' | 'url', typeof FIELDS> {
  return {
    method: 'referer.registrable-domain',
    parameters: {},
    reads: ['text'],
    emits: FIELDS,
    compile: () => {
      const known = new ByteCache<string | null>(HOSTS_MAX);
      return (value) => ({ referer_domain: value === null ? null : domainOf(value, known) });
    },
  };
}

const FIELDS = { referer_domain: nullable(text()) };
const HOSTS_MAX = 8192;

function domainOf(value: Pii, known: ByteCache<string | null>): string | null {
  const bytes = bytesOf(value);
  const end = endOf(value);
  let start = startOf(value);
  if (isNothing(bytes, start, end)) return null;
  const scheme = schemeEnd(bytes, start, end);
  if (scheme < 0) return null;
  start = scheme;
  // The host lies behind the last `@` of the authority and before its port.
  let hostEnd = -1;
  let i = start;
  for (; i < end && !isAuthorityEnd(bytes[i]); i++) {
    if (bytes[i] === AT) {
      start = i + 1;
      hostEnd = -1;
    } else if (bytes[i] === COLON && hostEnd < 0) hostEnd = i;
  }
  return known.get(bytes, start, hostEnd < 0 ? i : hostEnd, registrable);
}

/** Where the authority begins; -1 behind a scheme other than http and https. */
function schemeEnd(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end && bytes[i] !== COLON && bytes[i] !== SLASH) i++;
  if (i + 2 >= end || bytes[i + 1] !== SLASH || bytes[i + 2] !== SLASH || bytes[i] !== COLON)
    return start;
  return isWeb(bytes, start, i) ? i + 3 : -1;
}

function isWeb(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length !== 4 && length !== 5) return false;
  for (let i = 0; i < length; i++) if ((bytes[start + i] | 32) !== HTTPS[i]) return false;
  return true;
}

function registrable(host: string): string | null {
  // What is encoded or quoted may hide an address or an e-mail: a host that names a domain has none of it.
  if (!/^[\p{L}\p{M}\p{N}._-]+$/u.test(host)) return null;
  // A last label that begins with a digit is no top level domain but of an address, in whatever base.
  if (/^\.|(?:^|\.)\p{N}[^.]*\.?$/u.test(host)) return null;
  return getDomain(host.toLowerCase(), { allowPrivateDomains: true, extractHostname: false });
}

/** `/`, `?`, `#` and, as browsers have it, a backslash. */
const isAuthorityEnd = (byte: number): boolean =>
  byte === SLASH || byte === 63 || byte === 35 || byte === 92;

const SLASH = 47;
const COLON = 58;
const AT = 64;
const HTTPS = Buffer.from('https');
