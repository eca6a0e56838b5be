import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { query } from '../../../bolts/anonymize/index.js';
import { applied } from './apply.js';

const kept = applied(query(['title', 'action', 'ä b', 'c[]']), 'url');

describe('query', () => {
  test('keeps the allowed parameters in their order, and no other', () => {
    expect(kept('?title=A%2fB&token=secret&action=view')).toBe('?title=A%2fB&action=view');
    expect(kept('action=view&title=')).toBe('action=view&title=');
    expect(kept('title&action&titl=1&titles=2&Title=3')).toBe('title&action');
    expect(kept('title=1&title=2')).toBe('title=1&title=2');
    expect(kept('title=a=b')).toBe('title=a=b');
  });

  test('knows both separators, and where a fragment begins', () => {
    expect(kept('token=1;title=2;x=3&action=4')).toBe('title=2&action=4');
    expect(kept('title=1;token')).toBe('title=1');
    expect(kept('title=1#title=2&action=3')).toBe('title=1');
    expect(kept('&&;title=1;&')).toBe('title=1');
  });

  test('compares names decoded, and writes them in one spelling', () => {
    expect(kept('%74itl%65=1&%C3%a4+b=2&ä%20b=3&c%5b%5D=4&c[]=5')).toBe(
      'title=1&%C3%A4%20b=2&%C3%A4%20b=3&c%5B%5D=4&c%5B%5D=5',
    );
    expect(kept('%2574itle=1&title%3D=2&%zz=3')).toBe(null);
  });

  test('puts [ip] and [email] in the place of values that hold one', () => {
    expect(kept('title=User:192.0.2.1&action=192%252E0%252E2%252E1')).toBe(
      'title=[ip]&action=[ip]',
    );
    expect(kept('title=ann%40example.org&action=::1')).toBe('title=[email]&action=[ip]');
  });

  test('gives null when nothing is left', () => {
    expect([null, '', '-', '?', 'x=1', '?&', '?#'].map(kept)).toEqual(Array(7).fill(null));
    expect(applied(query([]), 'url', false)('?a=1')).toBe(null);
  });

  test('refuses names that could never match as they are meant', () => {
    expect(() => query(['a%20b'])).toThrow('Write it decoded');
    expect(() => query([''])).toThrow('is no name');
  });

  test('gives what URLSearchParams would keep, for any parameters', () => {
    const part = fc.string({ unit: 'grapheme', maxLength: 6 });
    const parameters = fc.array(
      fc.tuple(
        fc.oneof(fc.constantFrom('title', 'ä b', 'c[]'), part),
        part.filter((v) => !/[@:.%]/.test(v)),
      ),
    );
    fc.assert(
      fc.property(parameters, (all) => {
        const expected = all.filter(([name]) => ['title', 'action', 'ä b', 'c[]'].includes(name));
        const result = kept(new URLSearchParams(all).toString());
        expect([...new URLSearchParams(result ?? '')]).toEqual([...new URLSearchParams(expected)]);
      }),
    );
  });
});
