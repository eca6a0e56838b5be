import { expect, test } from '@jest/globals';
import { openLog, type LogOptions } from '../../runtime/log.js';

async function told(options: Omit<LogOptions, 'topology'>): Promise<string[]> {
  const lines: string[] = [];
  const log = await openLog({ topology: 'web', ...options }, (line) => lines.push(line));
  log.info('it runs');
  log.warn('no database', { component: 'geotag', task: 1, worker: 0 });
  log.error('it failed\nfor good');
  return lines;
}

test('people are told lines, with the component before what it says', async () => {
  expect(await told({ level: 'info', format: 'pretty' })).toEqual([
    'it runs',
    'geotag: no database',
    'it failed\nfor good',
  ]);
});

test('machines are told an object a line, with where it comes from', async () => {
  const lines = await told({ level: 'info', format: 'json' });
  expect(lines.join('').includes('\n')).toBe(false);
  const topology = 'web';
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { level: 'info', time, topology, msg: 'it runs' },
    { level: 'warn', time, topology, component: 'geotag', task: 1, worker: 0, msg: 'no database' },
    { level: 'error', time, topology, msg: 'it failed\nfor good' },
  ]);
});

test('figures are fields for machines, and nothing beside the text for people', async () => {
  const lines: string[] = [];
  for (const format of ['pretty', 'json'] as const) {
    const log = await openLog({ topology: 'web', level: 'info', format }, (line) =>
      lines.push(line),
    );
    log.info('3 acked', {}, { acked: 3 });
  }
  expect(lines[0]).toBe('3 acked');
  expect(JSON.parse(lines[1]!)).toMatchObject({ topology: 'web', acked: 3, msg: '3 acked' });
});

test.each(['pretty', 'json'] as const)(
  'what is less than the level is not told, as %s',
  async (format) => {
    const counts = [];
    for (const level of ['info', 'warn', 'error', 'silent'] as const)
      counts.push((await told({ level, format })).length);
    expect(counts).toEqual([3, 2, 1, 0]);
  },
);
