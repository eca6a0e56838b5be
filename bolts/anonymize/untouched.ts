/** Unseals a value in which a method found nothing to hide. @module */
import { piiBase, piiEnd, piiStart, type Pii } from '../../topology/rows/pii.js';
import { Text } from '../../topology/rows/text.js';

/** The bytes of a sealed text up to `end` as a clear text, without copying them. */
export function untouched(value: Pii, end = piiEnd(value)): Text | null {
  const base = piiBase(value);
  return base === null ? null : new Text(base, piiStart(value), end);
}
