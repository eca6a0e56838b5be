/** Formats with marks around what may be cut. */
import { expect, test } from '@jest/globals';
import { varnish } from '../../../spouts/varnish/index.js';
import { ncsaFormat } from '../../../spouts/varnish/format.js';

/** With the marks as bars. */
const marked = (format: string): string => ncsaFormat(format).text.replaceAll('\x1f', '|');

test('headers and the URL are put between marks, and nothing else is', () => {
  expect(marked('%h\\t%U%q\\t"%{Referer}i" %{Via}o %s')).toBe(
    '%h\\t|%U%q|\\t"|%{Referer}i|" |%{Via}o| %s',
  );
  expect(marked('%{Varnish:vxid}x %{VCL_Log:key}x %{VSL:ReqURL}x %{VSL:Begin[2]}x')).toBe(
    '%{Varnish:vxid}x |%{VCL_Log:key}x| |%{VSL:ReqURL}x| %{VSL:Begin[2]}x',
  );
  expect(ncsaFormat('%U%q %{Referer}i %{VCL_Log:key}x %{VSL:ReqURL}x').besides).toEqual([
    0,
    'Referer: '.length,
    'key:'.length,
    0,
  ]);
});

test('a URL that is not shown whole is added behind the line', () => {
  const combined = ncsaFormat('varnishncsa');
  expect(combined.text.replaceAll('\x1f', '|')).toBe(
    '%h %l %u %t "%r" %s %b "|%{Referer}i|" "|%{User-agent}i|"|%U%q|',
  );
  expect(combined.added).toBe(2);
  expect(marked('%q')).toBe('%q|%U%q|');
  expect(marked('%U %q')).toBe('%U %q|%U%q|');
  expect(marked('%r %U%q')).toBe('%r |%U%q|');
  expect(marked('100%% %h')).toBe('100%% %h');
});

test('what only parse reads is left out, and JSON is known as such', () => {
  expect(marked('%{@host}l\\t%{?-@ip!num}h\\t%{X-A@a}i\\n')).toBe('%l\\t%h\\t|%{X-A}i|');
  expect(ncsaFormat('{"ip":"%h"}').json).toBe(true);
  expect(ncsaFormat('%h {}').json).toBe(false);
});

test('what is no format is refused', () => {
  expect(() => ncsaFormat('apache')).toThrow(/"apache" is no format/);
  expect(() => ncsaFormat('%h\x1f')).toThrow(/0x1F/);
});

test('numbers out of range and durations that are none are refused where the topology is written', () => {
  const mode = 'ncsa';
  expect(() => varnish({ mode, journal: { maxBytes: 5 } })).toThrow(/journal\.maxBytes is 5/);
  expect(() => varnish({ mode, journal: { maxAge: 'soon' as never } })).toThrow(/soon/);
  expect(() => varnish({ mode: 'log', vslReclen: 1.5 })).toThrow(/vslReclen is 1\.5/);
  expect(() => varnish({ mode: 'file', path: 'a', vslReclen: 0 })).toThrow(/vslReclen is 0/);
});
