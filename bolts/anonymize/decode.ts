/**
 * What a text shows when it is decoded: percent-encoding, and full-width forms of ASCII (`１`, `＠`), as
 * NFKC has them.
 *
 * Three bytes become one, here and there, and no three overlap others: in whatever order they are decoded,
 * what is left in the end is the same.
 *
 * @module
 */
import { escapedByte } from './percent.js';

/**
 * Decodes one layer in place; what is no escape stays as it is.
 *
 * @param places moved along with the bytes: where each came from, and where the last one ended
 * @returns the length
 */
export function decodeLayer(bytes: Uint8Array, length: number, places: Int32Array): number {
  let at = 0;
  for (let i = 0; i < length; i++) {
    const plain = plainByte(bytes, i, length);
    places[at] = places[i];
    bytes[at++] = plain < 0 ? bytes[i] : plain;
    if (plain >= 0) i += 2;
  }
  places[at] = places[length];
  return at;
}

/** As `decodeLayer`, until nothing is left to decode. Each step makes the text shorter, so that the time is linear. */
export function decodeFully(bytes: Uint8Array, length: number, places: Int32Array): number {
  let at = 0;
  for (let i = 0; i < length; i++) {
    places[at] = places[i];
    bytes[at++] = bytes[i];
    // What came out may end another escape: `%2` before `%35`.
    for (let plain: number; (plain = plainByte(bytes, at - 3, at)) >= 0;)
      bytes[(at -= 2) - 1] = plain;
  }
  places[at] = places[length];
  return at;
}

/** What the three bytes at `i` stand for; -1 when they are neither an escape nor of U+FF01 to U+FF5E. */
function plainByte(bytes: Uint8Array, i: number, end: number): number {
  if (bytes[i] === PERCENT) return escapedByte(bytes, i, end);
  if (bytes[i] !== FULL_WIDTH || i + 2 >= end) return -1;
  const last = bytes[i + 2];
  if (bytes[i + 1] === 0xbc && last > 0x80 && last <= 0xbf) return last - 0x60;
  return bytes[i + 1] === 0xbd && last >= 0x80 && last <= 0x9e ? last - 0x20 : -1;
}

/** The first byte of full-width forms in UTF-8. */
export const FULL_WIDTH = 0xef;
const PERCENT = 37;
