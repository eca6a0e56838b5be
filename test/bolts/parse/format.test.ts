import { describe, expect, test } from '@jest/globals';
import { parse } from '../../../bolts/parse/index.js';
import { parseFormat } from '../../../bolts/parse/format.js';
import { flag, int, nullable, text } from '../../../topology/rows/field.js';
import { schema } from '../../../topology/rows/schema.js';

describe('parseFormat', () => {
  test('reads what varnishkafka names', () => {
    expect(parseFormat('%{Varnish:time_firstbyte@first!num?0.0!escape}x')).toEqual([
      {
        source: '%{Varnish:time_firstbyte@first!num?0.0!escape}x',
        letter: 'x',
        variable: 'Varnish:time_firstbyte',
        field: 'first',
        named: true,
        escape: true,
      },
    ]);
  });

  test('reads literals with their escapes, and conditions of Apache', () => {
    expect(
      parseFormat('\\"%>s\\" 100%%\\t\\\\%!200,304{Referer}i').map((item) =>
        typeof item === 'string' ? item : item.field,
      ),
    ).toEqual(['"', 'http_status', '" 100%\t\\', 'referer']);
  });

  test.each([
    ['%{X-Analytics}o', 'x_analytics'],
    ['%{Varnish:handling}x', 'cache_status'],
    ['%{VSL:Timestamp:Resp[2]}x', 'resp_2_'],
    ['%{Content-Type}o', 'content_type'],
    ['%{Content-Type}i', 'request_content_type'],
    ['%{HOST}i', 'uri_host'],
    ['%{note}n', 'note'],
    ['%{c}a', 'peer_ip'],
    ['%{@}l', ''],
  ])('%s fills %j', (format, field) => expect(parseFormat(format)).toMatchObject([{ field }]));
});

describe('parse refuses', () => {
  const Own = schema('own', { n: int() });

  test.each([
    ['a misspelt name', 'udp2lgo', 'there is no format "udp2lgo". Did you mean "udp2log"?'],
    ['a name of an object', 'constructor', 'there is no format "constructor"'],
    ['a directive that is none', '%h %Z', 'at character 4, "%Z" is not known here'],
    ['a variable where there is none', '%{x}h', 'at character 1, "%{x}h" is not known here'],
    [
      'a percent sign alone',
      '%h %',
      'at character 4, "%" is no directive. Write %% for a percent sign',
    ],
    ['what is not closed', '%h %{Referer', 'at character 4, "%{Referer" is not closed'],
    ['an unknown option', '%{Referer!nmu}i', 'the unknown option "!nmu"'],
    ['an unknown escape', '%h\\d%t', 'at character 3, "\\\\d%t" is no escape'],
    ['nothing between two', '%t %h%m', 'nothing stands between %h and %m'],
    ['nothing behind a URL', '%t %h %U%q%s', 'nothing stands between %U%q and %s'],
    [
      'no request line',
      '%h %t',
      'nothing in the format fills "uri_path" of request. Write %U or "%r" in it',
    ],
    ['a method alone', '%h %t %m', 'nothing in the format fills "uri_path" of request'],
    ['a query alone', '%h %t %{Host}i%q', 'nothing in the format fills "uri_path" of request'],
    [
      'no request line in JSON',
      '{"t":"%t","ip":"%h","m":"%m"}',
      'nothing in the format fills "uri_path" of request. Write %U or "%r" in it, or leave the field out',
    ],
    [
      'a request line that has no end',
      '%a %t %r %{Foo}i',
      'request lines themselves have the " " in them that stands behind %r, so where one ends cannot be known. Put it in quotes, "%r", or between tabs.',
    ],
    ['a request line for one field', '%a %t %{@uri_path}r %{Foo}i', 'stands behind %{@uri_path}r,'],
    [
      'a request line that ends within quotes',
      '%a %t "%r %{Foo}i"',
      'have the " " in them that stands behind %r',
    ],
    ['a time that cannot be read', '%{%c}t %h', 'times written as %{%c}t cannot be read'],
    [
      'a field that is not there',
      '%t %{@adress}h',
      '%{@adress}h names the field "adress", which request does not have. It has id, dt,',
    ],
    ['a field filled twice', '%t %h %a', 'two directives of the format fill "ip"'],
    [
      'a field that stays empty',
      '%t %U',
      'nothing in the format fills "ip" of request. Name a directive for it, %{@ip}…, or make the field nullable',
    ],
  ])('%s', (_, format, message) => expect(() => parse({ format })).toThrow(message));

  test('what a format of JSON cannot give', () => {
    expect(() => parse({ format: '{"t":"%t","ip":"%h","r":"%r"}' })).toThrow(
      '%r is not cut up inside JSON',
    );
    expect(() => parse({ format: '{"t":"%t","ip":"a %h"}' })).toThrow('%h has no key of its own');
    expect(() => parse({ format: '{"t":"%t","ip":"%{@adress}h"}' })).toThrow(
      'names the field "adress"',
    );
  });

  test('fields that no line can give', () => {
    expect(() => parse({ format: '%{B@b}x', emits: schema('own', { b: flag() }) })).toThrow(
      'the field "b" of own is a flag',
    );
    expect(() =>
      parse({ format: 'varnishkafka-json', emits: schema('own', { b: flag() }) }),
    ).toThrow('the field "b" of own is a flag');
    expect(() => parse({ format: 'udp2log', emits: Own })).toThrow(
      'nothing in the format fills "n" of own',
    );
  });

  test('a nullable field whose name is a slip for one that the format fills', () => {
    const slip = schema('own', { http_stauts: nullable(int()) });
    expect(() => parse({ format: 'apache-common', emits: slip })).toThrow(
      'nothing in the format fills "http_stauts" of own. Did you mean "http_status"?',
    );
    const both = schema('own', { http_status: int(), http_statu: nullable(int()) });
    expect(() => parse({ format: 'apache-common', emits: both })).not.toThrow();
  });

  test('a field of numbers for a part of a URL', () => {
    const emits = schema('own', { uri_path: int() });
    expect(() => parse({ format: '%{Host}i%U%q', emits })).toThrow(
      'the field "uri_path" takes a part of %{Host}i%U%q, so it must be text',
    );
  });

  test('but not a request line whose end is known, nor a schema without its path', () => {
    for (const format of ['%a %t %r', '%a\\t%r\\t%t', '%a %t %r "%{Foo}i"'])
      expect(() => parse({ format })).not.toThrow();
    expect(() => parse({ format: '%h %t', emits: schema('own', { ip: text() }) })).not.toThrow();
    const named = schema('own', { uri_path: nullable(text()) });
    expect(() => parse({ format: '%h %{Path@uri_path}i', emits: named })).not.toThrow();
    expect(() => parse({ format: 'varnishkafka-json', emits: named })).not.toThrow();
  });

  test('but not a schema of other fields than the format has', () => {
    expect(
      parse({ format: 'udp2log', emits: schema('own', { referer: text() }) }).emits.requests.title,
    ).toBe('own');
  });
});
