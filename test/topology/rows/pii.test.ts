import { inspect } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lastingBase } from '../../../topology/rows/base.js';
import { Pii, seal } from '../../../topology/rows/pii.js';
import {
  bytesOf,
  endOf,
  reveal,
  revealValue,
  startOf,
  unsealed,
} from '../../../topology/rows/reveal.js';
import { textOf } from '../../../topology/rows/span.js';

describe('a sealed value', () => {
  const canary = '198.51.100.77';
  test('prints as its kind alone, whatever is done to it', () => {
    for (const pii of [
      seal('ip', canary),
      seal('ip', [canary]),
      new Pii('ip', lastingBase(Buffer.from(canary)), 0, canary.length),
    ]) {
      const printed = [
        String(pii),
        `${pii}`,
        JSON.stringify({ pii }),
        inspect(pii, { showHidden: true, depth: 9 }),
        inspect([pii]),
        JSON.stringify(structuredClone({ ...pii })),
        String(deserialize(serialize({ ...pii }))),
        Object.entries(pii).join(),
        new Error(`${pii}`).message,
      ].join('\n');
      expect(printed).toContain('[pii:ip]');
      expect(printed).not.toContain(canary);
    }
  });

  test('opens to what was sealed, for those that may open it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const pii = seal('email', text);
        expect(reveal(pii)).toBe(text);
        expect(bytesOf(pii).toString('utf8', startOf(pii), endOf(pii))).toBe(text);
        expect(String(unsealed(pii))).toBe(text);
      }),
    );
    expect([
      reveal(seal('user_id', 7)),
      revealValue(seal('user_id', 7)),
      revealValue(seal('cookie', ['a', 'b'])),
    ]).toEqual(['7', 7, ['a', 'b']]);
  });

  test('of bytes is a copy of them', () => {
    const bytes = Buffer.from('abc');
    const pii = seal('free_text', bytes);
    bytes.fill(0);
    expect(reveal(pii)).toBe('abc');
  });

  test('may hold bytes that are no text, and shows U+FFFD for them', () => {
    expect(reveal(seal('free_text', Buffer.from([0x61, 0xff])))).toBe('a\ufffd');
  });

  test('can be unsealed in part, but only a text can', () => {
    expect(String(unsealed(seal('url', '/path?query'), 5))).toBe('/path');
    expect(() => unsealed(seal('user_id', 7))).toThrow('Only text can be unsealed as text.');
    expect([
      bytesOf(seal('user_id', 7)).length,
      startOf(seal('user_id', 7)),
      endOf(seal('user_id', 7)),
    ]).toEqual([0, 0, 0]);
  });

  test('is dead when its row is', () => {
    const base = lastingBase(Buffer.from(canary));
    const pii = new Pii('ip', base, 0, 5);
    base.generation++;
    for (const open of [() => reveal(pii), () => bytesOf(pii), () => unsealed(pii)])
      expect(open).toThrow(/used after process\(\) had returned/);
    expect(String(pii)).toBe('[pii:ip]');
  });
});

test('texts give their bytes in the same way', () => {
  const text = textOf('ä')!;
  expect(bytesOf(text).toString('utf8', startOf(text), endOf(text))).toBe('ä');
});
