/** Holds one value of a row to its limits: what lies in a slot, or has to be decoded anyway. @module */
import { Pii } from '../../topology/rows/pii.js';
import { bytesOf, endOf, revealValue, startOf } from '../../topology/rows/reveal.js';
import { Text } from '../../topology/rows/text.js';
import { characters, isOneOf } from './characters.js';
import type { Limits } from './limits.js';

/** Checks values (string, Text, Pii, number, Uint8Array, array, null) and returns the reason against one, or null. */
export function valueCheck(limits: Limits): (value: unknown) => string | null {
  const { minLength, maxLength, oneOf, reason } = limits;
  const measured = minLength > 0 || maxLength < Infinity;
  const allowed = oneOf?.map((text) => Buffer.from(text));
  const length = (units: number): string | null =>
    units < minLength ? reason.minLength : units > maxLength ? reason.maxLength : null;

  return (value) => {
    const opened = value instanceof Pii ? (revealValue(value) ?? value) : value;
    if (typeof opened === 'number') {
      return opened < limits.min ? reason.min : opened > limits.max ? reason.max : null;
    }
    if (typeof opened === 'string') {
      if (oneOf !== undefined && !oneOf.includes(opened)) return reason.oneOf;
      return measured ? length(codePoints(opened)) : null;
    }
    if (opened instanceof Text || opened instanceof Pii) {
      const bytes = bytesOf(opened);
      const start = startOf(opened);
      const end = endOf(opened);
      if (limits.field.type === 'bytes') return length(end - start);
      if (allowed !== undefined && !isOneOf(allowed, bytes, start, end - start))
        return reason.oneOf;
      return measured ? length(characters(bytes, start, end)) : null;
    }
    if (opened instanceof Uint8Array || Array.isArray(opened)) return length(opened.length);
    return null;
  };
}

/** Characters of a string, whose length counts those beyond U+FFFF twice. */
function codePoints(text: string): number {
  let count = text.length;
  for (let i = 1; i < text.length; i++) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xdc00 && (text.charCodeAt(i - 1) & 0xfc00) === 0xd800)
      count--;
  }
  return count;
}
