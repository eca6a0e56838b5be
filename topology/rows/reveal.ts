/**
 * Opens sealed values. `.dependency-cruiser.cjs` names the few files that may import this one:
 * they turn raw values into derived ones and are what a privacy reviewer reads.
 *
 * The `…Of` functions give the bytes of a value without an allocation: bytes [startOf, endOf) of `bytesOf`.
 *
 * @module
 */
import { Pii, piiBase, piiEnd, piiStart, piiValue } from './pii.js';
import { RowError } from './row-error.js';
import { Text, textBase, textEnd, textStart } from './text.js';

/** The text of a sealed value. Invalid UTF-8 becomes U+FFFD. */
export function reveal(pii: Pii): string {
  const base = piiBase(pii);
  return base === null ? String(piiValue(pii)) : base.bytes.utf8Slice(piiStart(pii), piiEnd(pii));
}

/** The number, flag or list that was sealed. */
export const revealValue = (pii: Pii): unknown => piiValue(pii);

const NOTHING = Buffer.alloc(0);

/** The memory a text or sealed text lies in. @throws RowError when its row is dead. */
export function bytesOf(value: Text | Pii): Buffer {
  return value instanceof Pii ? (piiBase(value)?.bytes ?? NOTHING) : textBase(value).bytes;
}

export const startOf = (value: Text | Pii): number =>
  value instanceof Pii ? piiStart(value) : textStart(value);

export const endOf = (value: Text | Pii): number =>
  value instanceof Pii ? piiEnd(value) : textEnd(value);

/**
 * The bytes of a sealed text from its start to `end`, as an open one over the same memory: what a
 * method has looked at and found to hold nothing personal passes without a copy.
 */
export function unsealed(pii: Pii, end = endOf(pii)): Text {
  const base = piiBase(pii);
  if (base === null) throw new RowError('Only text can be unsealed as text.');
  return new Text(base, piiStart(pii), end);
}
