import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hmac } from '../../../bolts/anonymize/index.js';
import { seal } from '../../../topology/rows/pii.js';
import { applied } from './apply.js';

const key = Buffer.from('0123456789abcdef');
const reference = (text: string): string => createHmac('sha256', key).update(text).digest('hex');

describe('hmac', () => {
  test('is HMAC-SHA-256 in hex, for any text', () => {
    const hashed = applied(hmac(key), 'user_id');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 2 }), (text) =>
        expect(hashed(text)).toBe(reference(text)),
      ),
    );
  });

  test('takes a number as its digits', () => {
    const method = hmac(key).compile({ name: 'field', nullable: false });
    expect(String(method(seal('user_id', 1234)))).toBe(reference('1234'));
    expect(String(method(seal('user_id', 0)))).toBe(reference('0'));
  });

  test('hashes an address in its one canonical spelling', () => {
    const hashed = applied(hmac(key), 'ip');
    for (const ip of ['192.0.2.1', '::ffff:192.0.2.1', '[::ffff:c000:201]:80', ' 192.0.2.1:80'])
      expect(hashed(ip)).toBe(reference('192.0.2.1'));
    for (const ip of ['2001:db8::1', '[2001:DB8:0::1]', '2001:db8::1%eth0'])
      expect(hashed(ip)).toBe(reference('2001:db8::1'));
    for (const ip of ['0300.0.2.1', '3221225985', 'x'])
      expect(hashed(ip)).toBe('refused: field: not an address');
  });

  test('gives null for nothing, and refuses it where there is always a value', () => {
    const hashed = applied(hmac(key), 'user_id');
    expect([null, '-', ''].map(hashed)).toEqual([null, null, null]);
    const always = applied(hmac(key), 'user_id', false);
    expect(['-', ''].map(always)).toEqual(Array(2).fill('refused: field: no value'));
  });

  test('refuses a key that can be guessed, and shows a key only by an id', () => {
    expect(() => hmac(key.subarray(1))).toThrow('at least 16 bytes');
    expect(hmac(key).parameters).toEqual({ key: expect.stringMatching(/^[0-9a-f]{8}$/) });
  });
});
