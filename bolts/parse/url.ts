/**
 * Cuts URLs and request lines into spans, without decoding anything.
 *
 *     GET http://en.wikipedia.org/wiki/Cat?action=raw HTTP/1.1
 *     ---        ---------------- -------- ----------
 *     method     host             path     query, with its `?`
 *
 * Who logs in (`http://joe:secret@host/`, RFC 3986, section 3.2.1) is no part of the host, and is left out.
 * Defects of real logs that are put up with: a host printed twice by Varnish
 * (`http://hosthttp://host/…`), `-` for a missing path or host, a URL that a size limit cut.
 *
 * @module
 */

/**
 * Where in a base's spans the parts go: the index of the start, or -1 when nobody wants the part.
 * A part that is missing or empty gets the start -1, which is null.
 */
export function cutUrl(
  bytes: Uint8Array,
  start: number,
  end: number,
  hostFirst: boolean,
  spans: Int32Array,
  hostAt: number,
  pathAt: number,
  queryAt: number,
): void {
  let host = afterScheme(bytes, start, end);
  if (host < 0 && hostFirst && bytes[start] !== SLASH) host = start;
  let path = start;
  if (host >= 0) {
    for (path = host; path < end && bytes[path] !== QUESTION; path++) {
      if (bytes[path] === AT) host = path + 1;
      if (bytes[path] !== SLASH) continue;
      const twice =
        path > host && bytes[path - 1] === COLON && path + 1 < end && bytes[path + 1] === SLASH;
      if (!twice) break;
      path++;
      host = path + 1;
    }
  }
  let query = path;
  while (query < end && bytes[query] !== QUESTION) query++;
  if (hostAt >= 0) put(spans, hostAt, host, host < 0 ? -1 : hostEnd(bytes, host, path, end));
  if (pathAt >= 0) put(spans, pathAt, path, query);
  if (queryAt >= 0) put(spans, queryAt, query, end);
}

/** As `cutUrl`. What is no request line at all (a TLS greeting on a plain port) is taken for a path. */
export function cutRequest(
  bytes: Uint8Array,
  start: number,
  end: number,
  spans: Int32Array,
  methodAt: number,
  hostAt: number,
  pathAt: number,
  queryAt: number,
): void {
  let url = start;
  while (url < end && isMethodByte(bytes[url])) url++;
  const method = url > start && url < end && bytes[url] === SPACE ? url : -1;
  if (methodAt >= 0) put(spans, methodAt, start, method);
  url = method < 0 ? start : url + 1;
  let last = end - 1;
  while (last >= url && bytes[last] !== SPACE) last--;
  const protocol = last >= url && bytes[last + 1] === LETTER_H && bytes[last + 5] === SLASH;
  cutUrl(bytes, url, protocol ? last : end, false, spans, hostAt, pathAt, queryAt);
}

/** Where the host begins behind `scheme://`, or -1. */
function afterScheme(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && isLetter(bytes[at])) at++;
  return at > start &&
    at + 3 <= end &&
    bytes[at] === COLON &&
    bytes[at + 1] === SLASH &&
    bytes[at + 2] === SLASH
    ? at + 3
    : -1;
}

/** Without the `-` that stands for a missing path, or for the host itself. */
const hostEnd = (bytes: Uint8Array, host: number, path: number, end: number): number =>
  bytes[path - 1] === DASH && (path === end || path - host === 1) ? path - 1 : path;

function put(spans: Int32Array, at: number, start: number, end: number): void {
  spans[at] = end > start ? start : -1;
  spans[at + 1] = end;
}

const isLetter = (byte: number): boolean => (byte | 32) >= 97 && (byte | 32) <= 122;
/** RFC 9110 allows more; the registered methods have letters and `-`. */
const isMethodByte = (byte: number): boolean => isLetter(byte) || byte === DASH;

const COLON = 58;
const SLASH = 47;
const QUESTION = 63;
const AT = 64;
const SPACE = 32;
const DASH = 45;
const LETTER_H = 72;
