import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Cluster } from '../support/cluster/cluster.js';

const cluster = new Cluster();
const totals = join(cluster.folder, 'totals');
const LINES = 60_000;

beforeAll(async () => {
  writeFileSync(join(cluster.folder, 'words.ts'), WORDS);
  await cluster.start();
}, 60_000);
afterAll(() => cluster.remove(['words']));

/** Numbers by their remainder, and by nothing. */
const WORDS = `
import { bolt, countBy, declassify, generate, int, jsonLines, RawLine, schema, topology } from 'squall';
const Number = schema('number', { rest: int() });
const divide = bolt({
  reads: RawLine,
  emits: { numbers: Number },
  lineage: { numbers: { rest: declassify('none', {}, 'line') } },
  open: () => {
    let n = 0;
    return { process: (_row, emit) => emit.numbers({ rest: n++ % 1000 }) };
  },
});
export default topology('words', (t) => {
  const lines = t.spout('lines', generate({ lines: ${LINES}, ratePerSecond: 6000 }));
  const { numbers } = t.bolt('divide', divide, { from: lines.shuffle() });
  const { totals } = t.bolt('count', countBy(Number, 'rest', { every: '1h' }), { from: numbers.by('rest'), tasks: 1 });
  t.sink('totals', jsonLines({ dir: ${JSON.stringify(totals)} }), { from: totals.shuffle() });
});
`;

const counted = (): number =>
  readdirSync(totals, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.jsonl') && !name.startsWith('.'))
    .flatMap((name) => readFileSync(join(totals, name), 'utf8').trim().split('\n'))
    .reduce((sum, line) => sum + (JSON.parse(line) as { count: number }).count, 0);

test('a bolt that keeps counts by key gets other tasks while rows flow: none is lost, no worker begins anew, and counts are exact', async () => {
  const submitted = await cluster.squall('submit', 'words.ts', '--workers', '2', '--wait');
  expect(submitted).toMatchObject({ code: 0 });
  const pids = [...(await cluster.workers('words')).values()];

  const dry = await cluster.squall('scale', 'words', 'count=4', '--dry-run');
  expect(dry).toMatchObject({ code: 0 });
  expect(dry.stdout).toMatch(/count.*1.*4/);
  const client = await cluster.client();
  expect((await client.show('words')).generation).toBe(1);

  for (const tasks of [4, 2, 8, 1]) {
    const scaled = await cluster.squall('scale', 'words', `count=${tasks}`);
    expect(scaled).toMatchObject({ code: 0 });
    const { components } = await client.show('words');
    expect(components.find(({ name }) => name === 'count')!.taskWorkers).toHaveLength(tasks);
  }
  expect([...(await cluster.workers('words')).values()]).toEqual(pids);
  const refused = await cluster.squall('scale', 'words', 'divide=4');
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot be scaled') });

  await cluster.until(
    'it has completed',
    async () => (await client.show('words')).state === 'completed',
  );
  expect(counted()).toBe(LINES);
  expect(await client.show('words')).toMatchObject({ acked: LINES, deadLetters: 0, restarts: 0 });
}, 120_000);
