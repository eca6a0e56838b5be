/**
 * What each directive stands for, as the name of the field that it fills.
 *
 * The names of Wikimedia's webrequest record where it has one; a directive whose field the schema
 * lacks is read over. `%l` is the host and `%n` the sequence number, as in the formats of
 * Wikimedia's caches; elsewhere `%l` is always `-`.
 *
 * @module
 */

/** Undefined when there is no such directive. */
export function defaultField(letter: string, variable: string): string | undefined {
  if (variable === '' || letter === 't') return PLAIN[letter];
  if (!NAMED.includes(letter)) return variable === 'c' && letter === 'a' ? 'peer_ip' : undefined;
  const name = variable.toLowerCase();
  return SPECIAL[`${letter}:${name}`] ?? name.replace(/^.*:/, '').replaceAll(/\W+/g, '_');
}

/** What `%r` is cut into. */
export const REQUEST_LINE = ['http_method', 'uri_host', 'uri_path', 'uri_query'];

/** Whether a client neither is what the value says nor chose it: the server's own counts, sizes, codes and times. */
export const isHarmless = (directive: {
  readonly letter: string;
  readonly variable: string;
}): boolean =>
  directive.variable === '' || directive.letter === 't'
    ? HARMLESS.includes(directive.letter)
    : directive.letter === 'x' && directive.variable.toLowerCase() === 'varnish:time_firstbyte';

const HARMLESS = 'ABbDFHIkLnOpPRsSTtX';

const PLAIN: { readonly [letter: string]: string } = {
  a: 'ip',
  A: 'server_ip',
  b: 'response_size',
  B: 'response_size',
  D: 'time_taken_us',
  f: 'filename',
  F: 'side',
  h: 'ip',
  H: 'protocol',
  I: 'request_bytes',
  k: 'keepalives',
  l: 'hostname',
  L: 'log_id',
  m: 'http_method',
  n: 'sequence',
  O: 'response_bytes',
  p: 'port',
  P: 'pid',
  q: 'uri_query',
  r: 'request',
  R: 'handler',
  s: 'http_status',
  S: 'transferred_bytes',
  t: 'dt',
  T: 'time_taken_s',
  u: 'user',
  U: 'uri_path',
  v: 'uri_host',
  V: 'uri_host',
  X: 'connection_status',
};

/** Cookies, environment, request headers, notes, response headers, Varnish's own. */
const NAMED = 'Ceinox';

const SPECIAL: { readonly [directive: string]: string } = {
  'i:host': 'uri_host',
  'i:content-type': 'request_content_type',
  'x:varnish:handling': 'cache_status',
};
