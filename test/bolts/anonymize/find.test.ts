import { isIP } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EMAIL, findAll, isSuspicious } from '../../../bolts/anonymize/find.js';

/** Text that is hard to tell from addresses. */
const around = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.stringMatching(/^[0-9a-f.:@%]{0,12}$/),
  fc.stringMatching(/^(%2|%|%25|[a-z])?$/),
);
const email = fc
  .tuple(fc.stringMatching(/^[a-z][a-z0-9.+_-]{0,9}$/), fc.domain())
  .map(([who, where]) => `${who}@${where}`);
const address = fc.oneof(fc.ipV4(), fc.ipV6());

/** Each character as it is or percent-encoded, as many times over as `how` says. */
const encoded = (text: string, how: readonly number[]): string =>
  [...text].map((character, i) => layers(character, how[i % how.length])).join('');

const layers = (character: string, n: number): string =>
  n === 0 ? character : `%${'25'.repeat(n - 1)}${character.charCodeAt(0).toString(16)}`;

const anywhere = (what: fc.Arbitrary<string>) =>
  fc
    .tuple(
      around,
      what,
      around,
      fc.oneof(
        fc.array(fc.nat(3), { minLength: 1, maxLength: 8 }),
        fc.nat(12).map((n) => [n]),
      ),
    )
    .map(([text, planted, after, how]) => {
      const place = encoded(planted, how);
      // Half an escape before encoded text makes it another text: `%1` before `0%2E0` is the byte 16.
      const before = how.some((n) => n > 0) ? text.replaceAll(/%.?.?/g, '') : text;
      const start = Buffer.byteLength(before);
      return { bytes: Buffer.from(before + place + after), start, end: start + place.length };
    });

/** The marks of the planted bytes. */
const marksOf = ({
  bytes,
  start,
  end,
}: {
  bytes: Buffer;
  start: number;
  end: number;
}): Uint8Array => findAll(bytes, 0, bytes.length).slice(start, end);

describe('what is found in text', () => {
  test('is every byte of an address planted at any place in any encoding', () => {
    fc.assert(
      fc.property(anywhere(address), (planted) => {
        expect(isSuspicious(planted.bytes, 0, planted.bytes.length)).toBe(true);
        expect(marksOf(planted)).not.toContain(0);
      }),
      { numRuns: 1000 },
    );
  });

  test('is every byte of an e-mail address planted at any place in any encoding', () => {
    const free = fc
      .string({ unit: 'grapheme', maxLength: 9 })
      .map((text) => `${text.replaceAll(/[@%]/g, '')} `);
    const planted = fc.tuple(free, email, free, fc.nat(12)).map(([before, what, after, n]) => {
      const place = encoded(what, [n]);
      const start = Buffer.byteLength(before);
      return { bytes: Buffer.from(`${before}${place} ${after}`), start, end: start + place.length };
    });
    fc.assert(
      fc.property(planted, (one) => {
        expect(isSuspicious(one.bytes, 0, one.bytes.length)).toBe(true);
        expect(new Set(marksOf(one))).toEqual(new Set([EMAIL]));
      }),
      { numRuns: 1000 },
    );
  });

  test('is an address or e-mail address in full-width characters, also encoded', () => {
    for (const text of [
      '１９２．０．２．１',
      '192.0.2．1',
      '２００１：db8：：Ａ',
      'ann＠ｅxample.org',
    ])
      for (const all of [
        text,
        encodeURIComponent(text),
        encodeURIComponent(encodeURIComponent(text)),
      ]) {
        const bytes = Buffer.from(`、${all}、`);
        expect(isSuspicious(bytes, 0, bytes.length)).toBe(true);
        expect(findAll(bytes, 0, bytes.length).slice(3, bytes.length - 3)).not.toContain(0);
      }
    expect(marksOf({ bytes: Buffer.from('、（１）'), start: 0, end: 12 })).not.toContain(1);
  });

  test('is nothing where the quick test sees nothing', () => {
    fc.assert(
      fc.property(around, around, (a, b) => {
        const bytes = Buffer.from(a + b);
        if (isSuspicious(bytes, 0, bytes.length)) return;
        expect(
          findAll(bytes, 0, bytes.length)
            .slice(0, bytes.length)
            .every((mark) => mark === 0),
        ).toBe(true);
        for (let s = 0; s < bytes.length; s++) {
          for (let e = s + 1; e <= bytes.length; e++)
            expect(isIP(bytes.toString('latin1', s, e))).toBe(0);
        }
      }),
    );
  });

  test('is found in time that grows as the length and not as its square', () => {
    for (const text of [
      '%25',
      '@a.',
      '1.',
      'a:',
      '::',
      '1.2.3.',
      ':1.2',
      'a@',
      '25',
      '\\"@a.bc',
      'a"."',
    ])
      expect(
        leastTime(`%${text.repeat(64_000)}`) / leastTime(`%${text.repeat(4_000)}`),
      ).toBeLessThan(100); // the square would be 256
  });
});

function leastTime(text: string): number {
  const bytes = Buffer.from(text);
  const times = Array.from({ length: 5 }, () => {
    const began = process.hrtime.bigint();
    findAll(bytes, 0, bytes.length);
    return Number(process.hrtime.bigint() - began);
  });
  return Math.min(...times);
}
