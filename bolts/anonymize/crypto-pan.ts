/**
 * Crypto-PAn: maps addresses to addresses, one to one, so that two that share their first n bits
 * share exactly n bits afterwards (Xu, Fan, Ammar and Moon, ICNP 2002).
 *
 * Bit i of the result is bit i of the address XOR the first bit of AES(first i bits of the address,
 * filled up from the pad). Whoever holds the key can turn results back, and who knows the address
 * behind one result knows that prefix of all others: for internal network analysis only.
 *
 * @module
 */
import { createCipheriv, createHash } from 'node:crypto';
import { viewOf } from '../../topology/rows/base.js';

export class CryptoPan {
  readonly #cipher;
  readonly #pad: Uint32Array;
  /** One block for each bit: all go to AES in one call, 1.2 µs for 32 where a call each takes 15. */
  readonly #blocks = Buffer.alloc(128 * BLOCK);
  readonly #view = viewOf(this.#blocks);
  /** Results by a hash of the address, the newest of equal hash: clients come again, and a hit costs 10 ns. */
  readonly #known = new Uint32Array(CACHE_SIZE);
  readonly #results = new Uint32Array(CACHE_SIZE);

  /**
   * @param key 16 bytes AES key, then 16 from which the pad is made
   * @throws Error when it is not 32 bytes or all zero: nothing is filled up in silence
   */
  constructor(key: Uint8Array) {
    checkKey(key);
    this.#cipher = createCipheriv('aes-128-ecb', key.subarray(0, 16), null).setAutoPadding(false);
    const pad = viewOf(this.#cipher.update(key.subarray(16)));
    this.#pad = Uint32Array.from([0, 4, 8, 12], (at) => pad.getUint32(at));
    this.#results.fill(this.#encryptV4(0)); // every entry knows 0.0.0.0 to begin with
  }

  /** Maps a uint32. */
  v4(address: number): number {
    const slot = Math.imul(address, 0x9e3779b1) >>> (32 - CACHE_BITS);
    if (this.#known[slot] === address) return this.#results[slot];
    const result = this.#encryptV4(address);
    this.#known[slot] = address;
    return (this.#results[slot] = result);
  }

  /** Maps four uint32, in place. */
  v6(words: Uint32Array): void {
    for (let bit = 0; bit < 128; bit++) this.#fill(bit, words);
    const encrypted = this.#cipher.update(this.#blocks);
    for (let i = 0; i < 4; i++) words[i] ^= firstBits(encrypted, 32 * i);
  }

  #encryptV4(address: number): number {
    const words = [address, 0, 0, 0];
    for (let bit = 0; bit < 32; bit++) this.#fill(bit, words);
    const encrypted = this.#cipher.update(this.#blocks.subarray(0, 32 * BLOCK));
    return (address ^ firstBits(encrypted, 0)) >>> 0;
  }

  /** Block `bit`: that many bits of the address, then the pad. */
  #fill(bit: number, words: ArrayLike<number>): void {
    for (let i = 0; i < 4; i++) {
      const own = bit - 32 * i;
      const keep = own <= 0 ? 0 : own >= 32 ? -1 : -1 << (32 - own);
      this.#view.setInt32(bit * BLOCK + 4 * i, (words[i] & keep) | (this.#pad[i] & ~keep));
    }
  }
}

/**
 * The key that libanon makes of a passphrase: SHA-1 of each half, of which 32 bytes are used.
 * For comparing with data that libanon made; make new keys with `randomBytes(32)`.
 */
export function keyFromPassphrase(passphrase: string): Uint8Array {
  const bytes = Buffer.from(passphrase);
  const half = bytes.length >> 1;
  const sha1 = (part: Uint8Array): Buffer => createHash('sha1').update(part).digest();
  return Buffer.concat([sha1(bytes.subarray(0, half)), sha1(bytes.subarray(half))]).subarray(
    0,
    KEY_BYTES,
  );
}

/** The first bits of 32 blocks, as a word. */
function firstBits(encrypted: Buffer, from: number): number {
  let word = 0;
  for (let bit = 0; bit < 32; bit++) word = (word << 1) | (encrypted[(from + bit) * BLOCK] >>> 7);
  return word;
}

function checkKey(key: Uint8Array): void {
  if (key.length !== KEY_BYTES)
    throw new Error(`Crypto-PAn needs a key of exactly ${KEY_BYTES} bytes.`);
  if (key.every((byte) => byte === 0))
    throw new Error('Crypto-PAn was given a key of zeros: make one with randomBytes(32).');
}

const BLOCK = 16;
const KEY_BYTES = 32;
const CACHE_BITS = 14;
const CACHE_SIZE = 1 << CACHE_BITS;
