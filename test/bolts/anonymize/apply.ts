/** Runs one rule on one value, as the bolt would. */
import { expect } from '@jest/globals';
import type { Rule } from '../../../bolts/anonymize/index.js';
import { Rejected } from '../../../topology/dsl/reject.js';
import { lastingBase } from '../../../topology/rows/base.js';
import { Text } from '../../../topology/rows/text.js';
import { Pii, type PiiKind } from '../../../topology/rows/pii.js';

/** The value between other bytes, so that a method that runs over its ends is caught. */
export function sealedBetween<K extends PiiKind>(kind: K, value: string): Pii<K> {
  const before = Buffer.from('1.1:@%4');
  const own = Buffer.from(value);
  return new Pii(
    kind,
    lastingBase(Buffer.concat([before, own, Buffer.from('5.5:@%4')])),
    before.length,
    before.length + own.length,
  );
}

/** What the method gives for a text, as a string; `refused: <reason>` when it refuses it. */
export function applied<K extends PiiKind>(
  rule: Rule<K>,
  kind: K,
  nullable = true,
): (value: string | null) => string | null {
  const method = rule.compile({ name: 'field', nullable });
  return (value) => {
    try {
      const result = method(value === null ? null : sealedBetween(kind, value));
      if (result === null || typeof result === 'string' || result instanceof Text)
        return result === null ? null : String(result);
      // One new field instead of the ruled one.
      return Object.values(result)[0]!;
    } catch (error) {
      expect(error).toBeInstanceOf(Rejected);
      return `refused: ${(error as Error).message}`;
    }
  };
}
