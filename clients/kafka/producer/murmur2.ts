/**
 * Which partition a key belongs to, as the Java client says: 32-bit MurmurHash2 (Austin Appleby) with the seed and
 * the sign bit treated as in `org.apache.kafka.common.utils.Utils`, so that both put a key into the same partition.
 *
 * @module
 */

/** The partition of a key, of so many. */
export const partitionOf = (key: Uint8Array, partitions: number): number =>
  (murmur2(key) & 0x7fffffff) % partitions;

/** The hash, as a signed number. */
export function murmur2(data: Uint8Array): number {
  const { length } = data;
  let h = SEED ^ length;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    let k = data[i]! | (data[i + 1]! << 8) | (data[i + 2]! << 16) | (data[i + 3]! << 24);
    k = Math.imul(k, M);
    k = Math.imul(k ^ (k >>> 24), M);
    h = Math.imul(h, M) ^ k;
  }
  if (i < length) {
    for (let shift = 0; i < length; i++, shift += 8) h ^= data[i]! << shift;
    h = Math.imul(h, M);
  }
  h = Math.imul(h ^ (h >>> 13), M);
  return h ^ (h >>> 15);
}

const SEED = 0x9747b28c;
const M = 0x5bd1e995;
