/** Text as bytes: counted and compared without decoding. @module */

/** The characters (code points) in bytes [start, end) of valid UTF-8: every byte but the continuation bytes 10xxxxxx begins one. */
export function characters(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let i = start; i < end; i++) if ((bytes[i] & 0xc0) !== 0x80) count++;
  return count;
}

/** Whether the `length` bytes at `start` are one of `allowed`. */
export function isOneOf(
  allowed: readonly Uint8Array[],
  bytes: Uint8Array,
  start: number,
  length: number,
): boolean {
  for (const one of allowed) {
    if (one.length !== length) continue;
    let i = 0;
    while (i < length && one[i] === bytes[start + i]) i++;
    if (i === length) return true;
  }
  return false;
}
