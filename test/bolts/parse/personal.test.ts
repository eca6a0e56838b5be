import { expect, test } from '@jest/globals';
import { parse } from '../../../bolts/parse/index.js';
import { int, nullable, pii, text, time, type Field } from '../../../topology/rows/field.js';
import { schema } from '../../../topology/rows/schema.js';

/** How the one open field `x` of a format comes about. */
const howOf = (format: string, field: Field = text()): string => {
  const emits = schema('own', { dt: time(), x: nullable(field) });
  return parse({ format, emits }).lineage!['requests']!['x']!.how;
};

test.each(
  [
    ...['%{@x}h', '%{@x}a', '%{c@x}a', '%{@x}l', '%{@x}u', '%{@x}q', '%{@x}U', '%{@x}r', '%{@x}v'],
    ...['%{Cookie@x}i', '%{X-Forwarded-For@x}i', '%{sid@x}C', '%{USER@x}e', '%{Set-Cookie@x}o'],
    ...['%{VCL_Log:key@x}x', '%{Varnish:handling@x}x', '%{@x}f', '%{@x}m'],
  ].map((directive) => [directive]),
)('an open field that %s fills is still what the line said, whatever its name', (directive) => {
  expect(howOf(`%t ${directive}`)).toBe('derive');
  expect(howOf(`{"t":"%t","any":"${directive}"}`)).toBe('derive');
});

test('a number from what the client sent is personal, too', () => {
  expect(howOf('%t %{X-User-Id@x}i', int())).toBe('derive');
});

test.each(['%{@x}s', '%{@x}b', '%{@x}D', '%{Varnish:time_firstbyte@x}x'].map((each) => [each]))(
  'an open field that %s fills is not personal: the server counted it',
  (directive) => {
    expect(howOf(`%t ${directive}`, int())).toBe('declassify');
  },
);

test('what request lines are cut into is personal, and so is what lines of JSON name unlike the request record', () => {
  const emits = schema('own', {
    dt: time(),
    http_status: int(),
    uri_path: nullable(text()),
    http_method: nullable(pii('free_text')),
    client: nullable(text()),
  });
  const how = (format: string): string[] =>
    Object.values(parse({ format, emits }).lineage!['requests']!).map((origin) => origin.how);
  expect(how('%t %s "%r" %{@client}h')).toEqual([
    ...['declassify', 'declassify', 'derive', 'declassify', 'derive'],
  ]);
  expect(how('varnishkafka-json')).toEqual([
    ...['declassify', 'declassify', 'derive', 'declassify', 'derive'],
  ]);
});
