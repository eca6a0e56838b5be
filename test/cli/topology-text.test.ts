/** Figures and logs as people read them. */
import { expect, test } from '@jest/globals';
import { logLine } from '../../cli/log-line.js';
import { table } from '../../cli/table.js';
import { listLines, statusLines } from '../../cli/topology-text.js';
import { InMemory } from '../support/nimbus/in-memory.js';

const status = new InMemory().put('web');

test('columns are as wide as what is in them; numbers stand to the right', () => {
  expect(
    table(
      ['name', '>rate'],
      [
        ['web', '7'],
        ['a-long-one', '1,234'],
      ],
    ),
  ).toEqual(['name         rate', 'web             7', 'a-long-one  1,234']);
});

test('the component that limits is named, and alone is marked', () => {
  expect(listLines([status])[1]).toMatch(/^web .* parse \(busy\)$/);
  const lines = statusLines(status);
  expect(lines).toContainEqual(expect.stringMatching(/^limited by parse: it is at its capacity/));
  expect(lines.filter((line) => line.endsWith('<- limits'))).toEqual([
    expect.stringMatching(/^parse +bolt .* 95 % /),
  ]);
});

test('one that is blocked is told from one that is busy', () => {
  const limit = { component: 'store', from: ['parse'], why: 'blocked' as const };
  const lines = statusLines({ ...status, limit });
  expect(lines).toContainEqual(expect.stringMatching(/^limited by store: rows from parse wait/));
});

test('a change that is under way is said, and reasons hold nothing that a terminal obeys', () => {
  const changing = { ...status, generation: 2, reason: 'store\u001b[2J: away' };
  expect(statusLines(changing)[0]).toBe('web  running (changing): store?[2J: away');
});

test('a line of a log says when, how bad, where and what; other lines stay', () => {
  const line = { level: 'warn', time: '2026-11-21T18:00:00.123Z', topology: 'web', msg: 'late' };
  expect(logLine(JSON.stringify(line))).toBe('18:00:00.123Z warn: late');
  const placed = { ...line, worker: 1, component: 'parse', task: 0, msg: 'a\u001b[31m\nb' };
  expect(logLine(JSON.stringify(placed))).toBe('18:00:00.123Z warn worker 1 parse[0]: a?[31m?b');
  for (const text of ['    at x.ts:1', '{"no": "log"}', '{broken', 'a\tb'])
    expect(logLine(text)).toBe(text);
});
