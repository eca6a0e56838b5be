import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { path } from '../../../bolts/anonymize/index.js';
import { applied } from './apply.js';

const cleaned = applied(path(), 'url');

describe('path', () => {
  test('keeps a path as it is encoded', () => {
    const paths = [
      '/',
      '',
      '/wiki/K%C3%A4se%20(1.2.3)',
      '/w/index.php',
      '/a//b/',
      '*',
      '/jquery-3.7.1.min.js',
      '/10:30',
    ];
    const always = applied(path(), 'url', false);
    for (const text of paths) expect(always(text)).toBe(text);
  });

  test('puts [ip] and [email] in the place of whole segments', () => {
    expect(cleaned('/wiki/User:192.0.2.1/log')).toBe('/wiki/[ip]/log');
    expect(cleaned('/wiki/User:2001:DB8:0:0:0:0:0:1')).toBe('/wiki/[ip]');
    expect(cleaned('/192.0.2.1')).toBe('/[ip]');
    expect(cleaned('192.0.2.1/')).toBe('[ip]/');
    expect(cleaned('/u/ann@example.org/192.0.2.1//x')).toBe('/u/[email]/[ip]//x');
    expect(cleaned('/from-ann@example.org-at-192.0.2.1')).toBe('/[email]');
  });

  test('finds them however they are encoded', () => {
    expect(cleaned('/w/192%2e0%2E2%2e1/%20')).toBe('/w/[ip]/%20');
    expect(cleaned('/w/2001%3Adb8%3a%3a1')).toBe('/w/[ip]');
    expect(cleaned('/u/ann%2540example%252Eorg')).toBe('/u/[email]');
    expect(cleaned('/w/1%252525252E2.3.4/x')).toBe('/w/[ip]/x');
    expect(cleaned('/u/%22a%20b%22%40example.com/x')).toBe('/u/[email]/x');
    expect(cleaned('/w/%EF%BC%91%EF%BC%8E2.3.4/（x）')).toBe('/w/[ip]/（x）');
  });

  test('cuts off a query string or fragment', () => {
    expect(cleaned('/a?token=x')).toBe('/a');
    expect(cleaned('/a#token')).toBe('/a');
    expect(cleaned('/192.0.2.1#top')).toBe('/[ip]');
    expect(cleaned('?a')).toBe('');
  });

  test('gives null for nothing where the field may be null', () => {
    expect([cleaned(null), cleaned('-'), cleaned('')]).toEqual([null, null, null]);
    expect(applied(path(), 'url', false)('-')).toBe('-');
  });

  test('lets no address through that is planted anywhere', () => {
    const text = fc.stringMatching(/^[\w/.:%@-]{0,20}$/);
    fc.assert(
      fc.property(text, fc.oneof(fc.ipV4(), fc.ipV6()), text, (before, ip, after) => {
        expect(cleaned(before + ip + after)).not.toContain(ip);
      }),
    );
  });
});
