import { describe, expect, test } from '@jest/globals';
import { registrableDomain } from '../../../bolts/anonymize/index.js';
import { conformance } from '../../support/conformance.js';
import { applied } from './apply.js';

const domain = applied(registrableDomain(), 'referer');

describe('registrableDomain', () => {
  test('finds the host in whatever URL', () => {
    const urls = [
      'https://a.b.example.co.uk/x?y',
      'HTTP://Example.co.uk',
      'http://joe:secret@example.co.uk:8080#x',
      'https://example.co.uk?q=a@b.org',
      'example.co.uk/path',
      'https://example.co.uk.',
      'https://example.co.uk\\@b.org',
    ];
    expect(urls.map(domain)).toEqual(Array(urls.length).fill('example.co.uk'));
  });

  test('gives null where there is none', () => {
    const urls = [
      null,
      '-',
      '',
      'http://',
      '/path',
      'about:blank',
      'http://localhost:8080/',
      'android-app://com.example.app',
      'https://co.uk/',
    ];
    expect(urls.map(domain)).toEqual(Array(urls.length).fill(null));
  });

  test('gives null for an address, in whatever spelling', () => {
    const hosts = [
      '192.0.2.1',
      '192.0.2.1:80',
      '[2001:db8::1]',
      '[2001:db8::1]:80',
      'joe@192.0.2.1',
      '192.0.2.1.',
      '0xc0.0x0.0x2.0x1',
      '0300.0.02.01',
      '3221225985',
      '192.0.513',
      '１９２.０.２.１',
    ];
    for (const host of hosts) expect([host, domain(`http://${host}/x`)]).toEqual([host, null]);
  });

  test('gives the same again when a host comes again', () => {
    expect([
      domain('http://a.example.org/1'),
      domain('http://b.example.org/'),
      domain('http://a.example.org/2'),
    ]).toEqual(Array(3).fill('example.org'));
  });
});

const vectors = conformance('privacy/registrable-domain')?.vectors;
(vectors ? test : test.skip)(
  'registrableDomain gives the published rows of the Public Suffix List',
  () => {
    for (const [host, expected] of vectors!) {
      expect([host, domain(host)]).toEqual([host, expected]);
      if (host !== null) expect([host, domain(`https://${host}:443/x`)]).toEqual([host, expected]);
    }
  },
);

test('takes no host that hides an e-mail or an address in an encoding', () => {
  const urls = [
    'https://john%40example.org/',
    'http://192%2E0%2E2%2E9.com/',
    'http://a;john=example.org/',
    'http://ex ample.org/',
  ];
  expect(urls.map(domain)).toEqual(urls.map(() => null));
  expect(domain('https://b\u00fccher.example/')).toBe('b\u00fccher.example');
});
