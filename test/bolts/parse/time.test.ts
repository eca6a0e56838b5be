import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readTime } from '../../../bolts/parse/time.js';
import { viewOf } from '../../../topology/rows/base.js';

/** Other bytes around it: nothing beyond its end may count. */
function read(text: string, unitMs = 1000): number {
  const bytes = Buffer.from(`19${text}7.Z+01`);
  return readTime(bytes, viewOf(bytes), 2, 2 + Buffer.byteLength(text), unitMs);
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const instants = fc.date({
  min: new Date('0100-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
});

/** The date as the Common Log Format writes it in a zone. */
function common(date: Date, zoneMinutes: number): string {
  const local = new Date(date.getTime() + zoneMinutes * 60_000).toISOString();
  const zone = `${zoneMinutes < 0 ? '-' : '+'}${two(Math.abs(zoneMinutes) / 60)}${two(Math.abs(zoneMinutes) % 60)}`;
  return `[${local.slice(8, 10)}/${MONTHS[Number(local.slice(5, 7)) - 1]}/${local.slice(0, 4)}:${local.slice(11, 19)} ${zone}]`;
}

const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');

describe('readTime', () => {
  test('reads what Date writes as ISO 8601', () => {
    fc.assert(
      fc.property(instants, (date) => expect(read(date.toISOString())).toBe(date.getTime())),
    );
  });

  test('reads the Common Log Format in any zone', () => {
    const zones = fc.integer({ min: -14 * 60, max: 14 * 60 });
    const inner = instants.filter(
      (date) => date.getUTCFullYear() > 101 && date.getUTCFullYear() < 9998,
    );
    const second = (date: Date): number => Math.floor(date.getTime() / 1000) * 1000;
    fc.assert(
      fc.property(inner, zones, (date, zone) =>
        expect(read(common(date, zone))).toBe(second(date)),
      ),
    );
  });

  test('reads seconds since 1970 with milliseconds', () => {
    fc.assert(
      fc.property(fc.nat(4e9), fc.nat(999), (seconds, ms) =>
        expect(read(`${seconds}.${String(ms).padStart(3, '0')}`)).toBe(seconds * 1000 + ms),
      ),
    );
  });

  test.each([
    ['2013-01-10T05:06:07', 1357794367000],
    ['2013-01-10 05:06:07', 1357794367000],
    ['2013-01-10T05:06:07.1', 1357794367100],
    ['2013-01-10T05:06:07,123', 1357794367123],
    ['2013-01-10T05:06:07.123999', 1357794367123],
    ['2013-01-10T05:06:07Z', 1357794367000],
    ['2013-01-10T05:06:07.123+00:00', 1357794367123],
    ['2013-01-10T05:06:07.123-08:00', 1357823167123],
    ['2013-01-10T05:06:07+0530', 1357774567000],
    ['2013-01-10T05:06:07+01', 1357790767000],
    ['10/Jan/2013:05:06:07', 1357794367000],
    ['2012-06-30T23:59:60Z', 1341100800000],
    ['1169499304.066', 1169499304066],
    ['1169499304', 1169499304000],
  ])('reads %s', (text, ms) => expect(read(text)).toBe(ms));

  test('counts in the unit that the format names', () => {
    expect(read('1357794367123', 1)).toBe(1357794367123);
    expect(read('1357794367123456', 0.001)).toBe(1357794367123);
  });

  test.each([
    '',
    'now',
    '2013-02-30T05:06:07',
    '2013-13-10T05:06:07',
    '2013-01-10T24:06:07',
    '2013-01-10T05:60:07',
    '2013-01-10T05:06:61',
    '2013-01-10T05:06',
    '2013-01-10T05:06:0x',
    '2013/01/10T05:06:07',
    '2013-01-10T05:06:07.',
    '2013-01-10T05:06:07X',
    '2013-01-10T05:06:07+1:00',
    '2013-01-10T05:06:07.12x',
    '2013-01-10T05.06.07',
    '10/Foo/2013:05:06:07 +0000',
    '[10/Jan/2013:05:06:07 0000]',
    '[10/Jan/2013 05:06:07 +0000]',
    '1.2.3',
    '.5',
    '5.',
    '-5',
    '1e9',
    '99999999999999999999',
  ])('refuses %j', (text) => expect(read(text)).toBeNaN());

  test('refuses the same again: a minute that is none is not remembered as good', () => {
    expect([read('2013-02-30T05:06:07'), read('2013-02-30T05:06:08')]).toEqual([NaN, NaN]);
  });
});
