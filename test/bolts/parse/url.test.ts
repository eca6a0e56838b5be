import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cutRequest, cutUrl } from '../../../bolts/parse/url.js';

type Parts = (string | null)[];

const textsOf = (bytes: Buffer, spans: Int32Array): Parts =>
  Array.from({ length: spans.length / 2 }, (_, i) =>
    spans[2 * i]! < 0 ? null : bytes.toString('utf8', spans[2 * i], spans[2 * i + 1]),
  );

/** Host, path and query, with bytes around that must not count. */
function url(text: string, hostFirst = false): Parts {
  const bytes = Buffer.from(`h:/${text}/?x-`);
  const spans = new Int32Array(6);
  cutUrl(bytes, 3, bytes.length - 4, hostFirst, spans, 0, 2, 4);
  return textsOf(bytes, spans);
}

/** Method, host, path and query. */
function request(text: string): Parts {
  const bytes = Buffer.from(` ${text} HTTP/1.1`);
  const spans = new Int32Array(8);
  cutRequest(bytes, 1, bytes.length - 9, spans, 0, 2, 4, 6);
  return textsOf(bytes, spans);
}

describe('cutUrl', () => {
  test.each([
    [
      'http://en.wikipedia.org/wiki/Cat?action=raw',
      ['en.wikipedia.org', '/wiki/Cat', '?action=raw'],
    ],
    ['https://127.0.0.1:16081/event.gif?', ['127.0.0.1:16081', '/event.gif', '?']],
    ['http://[2001:db8::1]:80/', ['[2001:db8::1]:80', '/', null]],
    ['http://a.org?q=/x', ['a.org', null, '?q=/x']],
    ['http://a.org', ['a.org', null, null]],
    ['/wiki/Cat?x=http://b.org/?y', [null, '/wiki/Cat', '?x=http://b.org/?y']],
    ['*', [null, '*', null]],
    [
      'http://fr.m.wikipedia.orghttp://fr.m.wikipedia.org/wiki/A?b',
      ['fr.m.wikipedia.org', '/wiki/A', '?b'],
    ],
    ['http://ipv6and4.labs.wikimedia.org-', ['ipv6and4.labs.wikimedia.org', null, null]],
    ['http://-/wiki/A', [null, '/wiki/A', null]],
    ['http://a-/wiki/A', ['a-', '/wiki/A', null]],
    ['http:', [null, 'http:', null]],
    ['http://', [null, null, null]],
    ['http:///x', [null, '/x', null]],
    ['https://user:pw@localhost:8080/a', ['localhost:8080', '/a', null]],
    ['http://a@b:p@w@a.org?x@y', ['a.org', null, '?x@y']],
    ['http://joe@a.orghttp://joe:pw@a.org/b@c', ['a.org', '/b@c', null]],
    ['http://joe@/a', [null, '/a', null]],
    ['http://joe@-/a', [null, '/a', null]],
    ['/a@b', [null, '/a@b', null]],
  ])('cuts %s', (text, parts) => expect(url(text)).toEqual(parts));

  test('takes what comes without a scheme for a host where the format says so', () => {
    expect(url('a.org/b?c', true)).toEqual(['a.org', '/b', '?c']);
    expect(url('/b?c', true)).toEqual([null, '/b', '?c']);
    expect(url('joe:pw@a.org/b', true)).toEqual(['a.org', '/b', null]);
  });

  test('loses nothing of a path and its query', () => {
    const paths = fc.string().map((text) => `/${text}`);
    fc.assert(fc.property(paths, (path) => expect(url(path).slice(1).join('')).toBe(path)));
  });
});

describe('cutRequest', () => {
  test.each([
    ['GET http://h:80/p?q HTTP/1.1', ['GET', 'h:80', '/p', '?q']],
    ['GET http://joe:pw@h:80/p HTTP/1.1', ['GET', 'h:80', '/p', null]],
    ['GET /p?q HTTP/2.0', ['GET', null, '/p', '?q']],
    ['VERSION-CONTROL /p HTTP/1.1', ['VERSION-CONTROL', null, '/p', null]],
    ['GET /a b?c d HTTP/1.0', ['GET', null, '/a b', '?c d']],
    ['GET /p', ['GET', null, '/p', null]],
    ['OPTIONS * HTTP/1.1', ['OPTIONS', null, '*', null]],
    ['GET', [null, null, 'GET', null]],
    ['\\x16\\x03\\x01 a', [null, null, '\\x16\\x03\\x01 a', null]],
    [' /p HTTP/1.1', [null, null, ' /p', null]],
    ['GET  HTTP/1.1', ['GET', null, null, null]],
  ])('cuts %j', (text, parts) => expect(request(text)).toEqual(parts));
});
