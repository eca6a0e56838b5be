/** Percent-encoding (RFC 3986, section 2.1). @module */

/** The byte that the escape at the `%` at `i` stands for; -1 when it is none. */
export function escapedByte(bytes: Uint8Array, i: number, end: number): number {
  if (i + 2 >= end) return -1;
  const high = hexDigit(bytes[i + 1]);
  const low = hexDigit(bytes[i + 2]);
  return high < 0 || low < 0 ? -1 : (high << 4) | low;
}

/** Encodes a text for a URL. Slashes and percent signs stay, so that a path that is encoded already does not change. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replaceAll(/%(?:2F|25)/g, decodeURIComponent);
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
