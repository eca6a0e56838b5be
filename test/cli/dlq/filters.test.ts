import { expect, test } from '@jest/globals';
import { matching, printable, reasonOf, type Filters } from '../../../cli/dlq/filters.js';
import type { DeadLetter } from '../../../runtime/state/dead-letter.js';

const letter = (more: Partial<DeadLetter> = {}): DeadLetter => ({
  time: 1000,
  reason: { kind: 'rejected', component: 'parse', reason: 'no Host' },
  attempts: 1,
  origin: {},
  topology: 'web',
  spout: 'lines',
  partition: 'p',
  position: 1,
  raw: Buffer.from('a'),
  ...more,
});

const matches = (filters: Filters, one = letter(), ids: string[] = []): boolean =>
  matching(filters, ids)({ place: 'w-1.1', id: 'w-1.1', letter: one });

test('every filter that is given must match', () => {
  expect(matches({})).toBe(true);
  expect(matches({ reason: 'NO HOST', component: 'parse', since: 1000, until: 1001 })).toBe(true);
  expect(matches({ reason: 'rejected(parse' })).toBe(true);
  expect(matches({ reason: 'other' })).toBe(false);
  expect(matches({ component: 'par' })).toBe(false);
  expect(matches({ since: 1001 })).toBe(false);
  expect(matches({ until: 1000 })).toBe(false);
  expect(matches({}, letter(), ['w-1.2'])).toBe(false);
  expect(matches({ since: 1 }, letter(), ['w-1.2', 'w-1.1'])).toBe(true);
});

test('what timed out is of its spout', () => {
  const timeout = letter({ reason: { kind: 'timeout' } });
  expect(matches({ component: 'lines' }, timeout)).toBe(true);
  expect(reasonOf(timeout)).toBe('timeout');
});

test('nothing that is shown can command a terminal', () => {
  const odd = letter({
    reason: { kind: 'rejected', component: 'parse', reason: 'a\u001b[2Jb\nc\u202Ed\u009b' },
  });
  expect(reasonOf(odd)).toBe('rejected(parse, a?[2Jb?c?d?)');
  expect(printable('é, 日本')).toBe('é, 日本');
});
