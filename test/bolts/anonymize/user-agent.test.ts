import { describe, expect, test } from '@jest/globals';
import { family } from '../../../bolts/anonymize/index.js';
import { conformance } from '../../support/conformance.js';
import { sealedBetween } from './apply.js';

const method = family().compile({ name: 'field', nullable: true });
const parsed = (agent: string | null): any =>
  method(agent === null ? null : sealedBetween('user_agent', agent));

const MAC =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15';

describe('family', () => {
  test('names browser, major version and operating system', () => {
    expect(parsed(MAC)).toEqual({
      browser_family: 'Safari',
      browser_major: '18',
      os_family: 'Mac OS',
      agent_type: 'user',
    });
  });

  test('tells programs from users', () => {
    for (const agent of [
      'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
      'curl/8.5.0',
      'python-requests/2.31',
    ]) {
      expect(parsed(agent).agent_type).toBe('spider');
    }
  });

  test('takes %20 for the blank that a log with blanks between its columns cannot hold', () => {
    expect(parsed(MAC.replaceAll(' ', '%20'))).toEqual(parsed(MAC));
  });

  test('knows nothing of an agent that is not named, and takes it for a user', () => {
    const unknown = {
      browser_family: null,
      browser_major: null,
      os_family: null,
      agent_type: 'user',
    };
    expect([null, '', '-'].map(parsed)).toEqual([unknown, unknown, unknown]);
    expect(parsed('Mozilla/5.0 (Zork) Gecko')).toEqual(unknown);
  });

  test('parses an agent once, however often it comes', () => {
    expect(parsed(MAC)).toBe(parsed(MAC));
    expect(parsed(`${MAC} `)).not.toBe(parsed(MAC));
  });

  test('gives no version longer than four digits', () => {
    expect(parsed('Mozilla/5.0 Firefox/20060728.1').browser_major).toBe(null);
  });
});

const vectors = conformance('privacy/user-agent');
(vectors ? test : test.skip)(
  'family shows no device, build or patch version of any published agent',
  () => {
    const agents: string[] = [...vectors!.ua, ...vectors!.os].map(
      (row: any) => row.user_agent_string,
    );
    for (const agent of agents) {
      const { browser_family, browser_major, os_family } = parsed(agent);
      for (const name of [browser_family, os_family])
        expect(name ?? 'null').toMatch(/^[A-Za-z][A-Za-z0-9 .+/()-]{0,30}$|^360$|^2345$/);
      expect(browser_major ?? '0').toMatch(/^\d{1,4}$/);
      expect([browser_family, os_family]).not.toContain(agent);
    }
    expect(agents.length).toBeGreaterThan(30);
  },
);
