/** Lines without marks, and with one where something was cut. */
import fc from 'fast-check';
import { expect, test } from '@jest/globals';
import { ncsaFormat } from '../../../spouts/varnish/format.js';
import { NcsaLines } from '../../../spouts/varnish/ncsa-lines.js';

const LONGEST = 20;

/** `text` in pieces of `size` bytes; bars are marks. */
function taken(format: string, text: string, size = 1_000_000): string {
  const lines = new NcsaLines(ncsaFormat(format), LONGEST);
  const bytes = Buffer.from(text.replaceAll('|', '\x1f'), 'latin1');
  let out = '';
  for (let at = 0; at < bytes.length; at += size)
    out += Buffer.from(lines.take(bytes.subarray(at, at + size))).latin1Slice();
  return out.replaceAll('\x1f', '|');
}

test('a header is cut when its record, with its name, is as long as the longest', () => {
  const name = 'Via: '.length;
  expect(taken('%h %{Via}i', `1 |${'a'.repeat(LONGEST - name - 1)}|\n`)).toBe(
    `1 ${'a'.repeat(14)}\n`,
  );
  expect(taken('%h %{Via}i', `1 |${'a'.repeat(LONGEST - name)}|\n`)).toBe(`1 ${'a'.repeat(15)}|\n`);
});

test('an escape counts as the byte that it stands for, that of JSON too', () => {
  const whole = '\\xe9\\"\\\\\\t'.repeat(5);
  expect(taken('%U%q', `|${whole}|\n`)).toBe(`${whole}|\n`);
  expect(taken('%U%q', `|${whole}a|\n`)).toBe(`${whole}a\n`);
  expect(taken('%U%q', `|${'\\u0001'.repeat(LONGEST)}|\n`)).toBe(`${'\\u0001'.repeat(20)}|\n`);
});

test('the URL that was added is measured and taken off', () => {
  expect(taken('%m %q', `GET ?a|/${'b'.repeat(18)}?|\n`)).toBe('GET ?a|\n');
  expect(taken('%m %q', 'GET ?a|/?a|\nPUT |/|\n')).toBe('GET ?a\nPUT \n');
});

test("a backslash of the format's own escapes nothing, not even the end of the line", () => {
  expect(taken('%s \\\\', '200 \\\n404 \\\n')).toBe('200 \\\n404 \\\n');
});

test('pieces of any size give the same lines', () => {
  const value = fc.stringMatching(/^([a-z"é]|\\x[0-9a-f]{2}|\\"|\\\\){0,12}$/);
  fc.assert(
    fc.property(fc.array(fc.tuple(value, value)), fc.integer({ min: 1, max: 9 }), (rows, size) => {
      const format = '%s %{A}i %U %D';
      const text = rows.map(([a, url]) => `200 |${a}| /x 5|${url}|\n`).join('');
      expect(taken(format, text, size)).toBe(taken(format, text));
      const plain = taken(format, text).replaceAll('|', '');
      expect(plain).toBe(rows.map(([a]) => `200 ${a} /x 5\n`).join(''));
    }),
  );
});

test('a line that has not ended waits, and is dropped when the program ended', () => {
  const lines = new NcsaLines(ncsaFormat('%s %h'), LONGEST);
  expect(String(lines.take(Buffer.from('200 a\n404')))).toBe('200 a\n');
  lines.reset();
  expect(String(lines.take(Buffer.from('500 b\n')))).toBe('500 b\n');
});

test('a line without an end is cut short, and takes no more memory than that', () => {
  const lines = new NcsaLines(ncsaFormat('%h'), LONGEST);
  const piece = Buffer.alloc(700_000, 'a');
  for (let i = 0; i < 8; i++) expect(lines.take(piece)).toHaveLength(0);
  const line = lines.take(Buffer.from('\n'));
  expect(line.length).toBeLessThan(2 * 1024 * 1024);
  expect([...line.subarray(-2)]).toEqual([0x1f, 0x0a]);
});
