import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Cluster } from '../support/cluster/cluster.js';

const cluster = new Cluster();
const out = join(cluster.folder, 'out');

beforeAll(async () => {
  await cluster.start();
}, 60_000);
afterAll(() => cluster.remove(['says']));

/** Rows with a text, and how many there were of each text in an hour. */
const topology = (text: string, every = '1h'): string => `
import { bolt, countBy, declassify, generate, int, jsonLines, RawLine, schema, text, topology } from 'squall';
const Said = schema('said', { text: text(), n: int() });
let n = 0;
const says = bolt({
  reads: RawLine,
  emits: { said: Said },
  lineage: { said: { text: declassify('none', {}, 'line'), n: declassify('none', {}, 'line') } },
  process(_row, emit) {
    emit.said({ text: ${text}, n: n++ });
  },
});
export default topology('says', (t) => {
  const lines = t.spout('lines', generate({ ratePerSecond: 500 }), { tasks: 1 });
  const { said } = t.bolt('says', says, { from: lines.shuffle(), tasks: 1 });
  const { totals } = t.bolt('count', countBy(Said, 'text', { every: '${every}' }), { from: said.by('text'), tasks: 2 });
  const dir = ${JSON.stringify(out)};
  t.sink('store', jsonLines({ dir: dir + '/rows', rollMs: 200 }), { from: said.shuffle() });
  t.sink('totals', jsonLines({ dir: dir + '/totals' }), { from: totals.shuffle() });
});
`;

function write(name: string, source: string): string {
  writeFileSync(join(cluster.folder, name), source);
  return name;
}

/** What is in whole files so far. */
const stored = (): string[] =>
  readdirSync(join(out, 'rows'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.jsonl') && !name.startsWith('.'))
    .flatMap((name) =>
      readFileSync(join(out, 'rows', name), 'utf8')
        .trim()
        .split('\n'),
    )
    .map((line) => (JSON.parse(line) as { text: string }).text);

test('a new version takes over while data flows; one that fails is taken back, and one that state does not fit is refused', async () => {
  await cluster.squall('submit', write('one.ts', topology(`'one'`)), '--workers', '2', '--wait');
  await cluster.until('rows of the first', () => stored().includes('one'));

  const two = write('two.ts', topology(`'two'`));
  const dry = await cluster.squall('upgrade', 'says', two, '--dry-run');
  expect(dry).toMatchObject({ code: 0 });
  const before = await (await cluster.client()).show('says');
  expect(before.generation).toBe(1);

  const upgraded = await cluster.squall('upgrade', 'says', two);
  expect(upgraded).toMatchObject({ code: 0 });
  await cluster.until('rows of the second', () => stored().includes('two'));
  const acked = (await (await cluster.client()).show('says')).acked;
  expect(acked).toBeGreaterThanOrEqual(before.acked);

  const refused = await cluster.squall(
    'upgrade',
    'says',
    write('four.ts', topology(`'four'`, '1m')),
  );
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toMatch(/"count" keeps state that it made with other parameters/);

  const failed = await cluster.squall(
    'upgrade',
    'says',
    write('three.ts', topology(`undefined as never`)),
  );
  expect(failed.code).toBe(1);
  expect(failed.stderr).toMatch(
    /runs as before: the upgrade was taken back, as \d+ of its first \d+ attempts failed/,
  );
  const again = stored().length;
  await cluster.until('rows again', () => stored().length > again);
  expect(new Set(stored())).toEqual(new Set(['one', 'two']));
}, 120_000);
