/**
 * CRC-32C (Castagnoli; RFC 3720, B.4), which record batches carry. Eight bytes at a time
 * (Kounavis and Berry, "A Systematic Approach to Building High Performance Software-based CRC Generators").
 *
 * @module
 */

/** The checksum of `bytes` from `start` on, as an unsigned number. */
export function crc32c(bytes: Uint8Array, start = 0): number {
  let crc = -1;
  let i = start;
  for (const end = bytes.length - 7; i < end; i += 8) {
    const low =
      crc ^ (bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
    crc =
      T[1792 + (low & 255)]! ^
      T[1536 + ((low >>> 8) & 255)]! ^
      T[1280 + ((low >>> 16) & 255)]! ^
      T[1024 + (low >>> 24)]! ^
      T[768 + bytes[i + 4]!]! ^
      T[512 + bytes[i + 5]!]! ^
      T[256 + bytes[i + 6]!]! ^
      T[bytes[i + 7]!]!;
  }
  for (; i < bytes.length; i++) crc = (crc >>> 8) ^ T[(crc ^ bytes[i]!) & 255]!;
  return ~crc >>> 0;
}

/** Eight tables of 256: table n is what a byte does to the checksum n bytes later. */
const T = tables(0x82f63b78);

function tables(polynomial: number): Int32Array {
  const all = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? polynomial : 0);
    all[byte] = crc;
  }
  for (let i = 256; i < all.length; i++) all[i] = (all[i - 256]! >>> 8) ^ all[all[i - 256]! & 255]!;
  return all;
}
