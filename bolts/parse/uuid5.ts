/**
 * Version 5 UUIDs (RFC 9562, 5.5) as texts in the arena.
 *
 * Made without a string on the way: 0.4 µs, where the name as a string and `crypto.hash` take 1.
 *
 * @module
 */
import { arena } from '../../topology/rows/arena.js';
import { viewOf } from '../../topology/rows/base.js';
import type { Text } from '../../topology/rows/text.js';
import { sha1 } from './sha1.js';

/**
 * The name to hash, part by part: `begin`, any of the others, `finish`. One at a time.
 *
 * @example
 * name.begin(HOSTS);
 * name.bytes(row, 0, 12);
 * name.number(42);
 * const id = name.finish();
 */
export class Uuid5 {
  #name = Buffer.allocUnsafeSlow(512);
  #view = viewOf(this.#name);
  #length = 0;
  readonly #digest = new Int32Array(5);

  /** @param namespace a UUID */
  begin(namespace: Uint8Array): void {
    this.#length = 0;
    this.bytes(namespace, 0, namespace.length);
  }

  bytes(from: Uint8Array, start: number, end: number): void {
    const name = this.#room(end - start);
    let length = this.#length;
    for (let at = start; at < end; at++) name[length++] = from[at];
    this.#length = length;
  }

  /** A safe integer, in decimal, with a `/` before it; only the `/` for NaN. */
  number(value: number): void {
    const name = this.#room(MAX_DIGITS + 2);
    let length = this.#length;
    name[length++] = SLASH;
    if (value < 0) name[length++] = MINUS;
    this.#length = value === value ? writeDecimal(name, length, Math.abs(value)) : length;
  }

  finish(): Text {
    const name = this.#room(SHA1_PADDING);
    sha1(name, this.#view, this.#length, this.#digest);
    return write(this.#digest);
  }

  /** The name, with room for `size` bytes more. */
  #room(size: number): Buffer {
    if (this.#length + size <= this.#name.length) return this.#name;
    const longer = Buffer.allocUnsafeSlow(2 * (this.#length + size));
    longer.set(this.#name);
    this.#view = viewOf(longer);
    return (this.#name = longer);
  }
}

/** The bytes of a UUID in the usual notation. */
export const uuidBytes = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex');

/** Writes a safe integer >= 0 and returns where it ends. */
function writeDecimal(to: Uint8Array, at: number, value: number): number {
  // In parts that fit 32 bits: their division is several times as fast as that of doubles.
  if (value < 1e8) return writeDigits(to, at, value, digitsOf(value));
  const high = Math.floor(value / 1e8);
  return writeDigits(to, writeDecimal(to, at, high), value - high * 1e8, 8);
}

function writeDigits(to: Uint8Array, at: number, value: number, digits: number): number {
  let rest = value | 0;
  for (let i = at + digits - 1; i >= at; i--) {
    const tenth = (rest / 10) | 0;
    to[i] = 48 + rest - tenth * 10;
    rest = tenth;
  }
  return at + digits;
}

/** Of a number below 1e8. */
function digitsOf(value: number): number {
  let digits = 1;
  for (let power = 10; value >= power; power *= 10) digits++;
  return digits;
}

/** The first 16 of the hash's 20 bytes, with version and variant put in, as 8-4-4-4-12 hex digits. */
function write(digest: Int32Array): Text {
  digest[1] = (digest[1] & 0xffff0fff) | 0x5000;
  digest[2] = (digest[2] & 0x3fffffff) | 0x80000000;
  const start = arena.reserve(36);
  const { bytes } = arena;
  const hex = HEX;
  let at = start;
  for (let half = 0; half < 8; half++) {
    const bits = digest[half >> 1] >>> (half & 1 ? 0 : 16);
    if (half >= 2 && half <= 5) bytes[at++] = MINUS;
    bytes[at++] = hex[(bits >>> 12) & 15];
    bytes[at++] = hex[(bits >>> 8) & 15];
    bytes[at++] = hex[(bits >>> 4) & 15];
    bytes[at++] = hex[bits & 15];
  }
  return arena.take(start, at);
}

const HEX = Buffer.from('0123456789abcdef');
const MAX_DIGITS = 20;
/** What SHA-1 writes behind a text. */
const SHA1_PADDING = 72;
const MINUS = 45;
const SLASH = 47;
