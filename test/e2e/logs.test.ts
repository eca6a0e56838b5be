/** What is told on stderr, for machines. */
import { expect, jest, test } from '@jest/globals';
import { SPELLINGS, tracesIn } from '../support/canary.js';
import { place, summaryIn, TEST_TIMEOUT_MS, type Ended } from '../support/cli.js';
import { FAULTY } from './topologies.js';

jest.setTimeout(TEST_TIMEOUT_MS);

interface Told {
  readonly level: string;
  readonly msg: string;
  readonly component?: string;
  readonly task?: number;
  readonly worker?: number;
}

/** @throws SyntaxError for a line that is no JSON */
const toldIn = ({ stderr }: Ended): Told[] =>
  stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Told);

test('every line is an object that says where it comes from, also of what kills workers, and quotes nothing', async () => {
  const here = place();
  here.write('faulty.ts', FAULTY);
  const lines = ['throws', 'later'].map((word) => `${word} ${SPELLINGS.join(' ')}\n`);
  const input = here.write('lines.log', lines.join(''));
  const ended = await here.squall([
    ...['run', 'faulty.ts', '--set', `input=${input}`, '--workers', '1', '--max-attempts', '2'],
    ...['--log-format', 'json', '--metrics-port', '0'],
  ]);
  expect(ended.code).toBe(1);
  const told = toldIn(ended);
  for (const each of [
    { level: 'info', msg: expect.stringMatching(/^metrics are at http/) },
    { level: 'warn', component: 'sync', worker: 0, msg: expect.stringMatching(/^threw Error at /) },
    {
      level: 'error',
      worker: 0,
      msg: expect.stringMatching(/^an error that nobody caught ended a worker/),
    },
    { level: 'warn', worker: 0, msg: expect.stringMatching(/^worker 0 died \(exit code 1\); /) },
    { level: 'error', msg: expect.stringMatching(/^5 workers died within a minute/) },
    {
      level: 'error',
      msg: expect.stringMatching(/^faulty failed after /),
      outcome: 'failed',
      acked: 0,
      restarts: 4,
    },
  ]) {
    expect(told).toContainEqual(expect.objectContaining({ topology: 'faulty', ...each }));
  }
  expect(tracesIn(Buffer.from(ended.stdout + ended.stderr))).toEqual([]);
});

const WARNING = `
import { bolt, declassify, generate, jsonLines, RawLine, schema, text, topology } from 'squall';

const Word = schema('word', { word: text() });
const warning = bolt({
  reads: RawLine,
  emits: { words: Word },
  lineage: { words: { word: declassify('none', {}, 'line') } },
  open: ({ warn, task }) => {
    if (task === 1) warn('it is late');
    return { process: () => {} };
  },
});

export default topology('warning', (t) => {
  const lines = t.spout('lines', generate({ lines: 10 }));
  const { words } = t.bolt('late', warning, { from: lines.shuffle(), tasks: 2 });
  t.sink('print', jsonLines(), { from: words.shuffle() });
});
`;

test('a task says which it is, and less than the level is not told', async () => {
  const here = place();
  here.write('warning.ts', WARNING);
  const run = ['run', 'warning.ts', '--workers', '2', '--json', '--log-level'];
  const ended = await here.squall([...run, 'warn', '--log-format', 'json']);
  expect(toldIn(ended)).toEqual([
    expect.objectContaining({ component: 'late', task: 1, worker: 1, msg: 'it is late' }),
  ]);
  expect(summaryIn(ended)).toMatchObject({ outcome: 'completed', acked: 10 });
  expect((await here.squall([...run, 'warn'])).stderr).toBe('late: it is late\n');
  expect((await here.squall([...run, 'silent'])).stderr).toBe('');
});
