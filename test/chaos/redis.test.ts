/** Exact counts in Redis, whatever dies: each line is there twice, each number counts once. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { expectExit, killRuns, type CliRun } from '../support/chaos/cli-run.js';
import { untilCommitted } from '../support/chaos/moment.js';
import { keyOf, KEYS, READ, runNumbered, writeNumbered } from '../support/chaos/numbered.js';
import { oneOf, seeded } from '../support/chaos/seeded.js';
import { hasRedis, startRedis, type RedisServer } from '../support/services/redis.js';

const NUMBERS = 40_000;
const LINES = 2 * NUMBERS;
const DONE = { outcome: 'completed', emitted: LINES, acked: LINES, deadLetters: 0 };

const TOPOLOGY = `${READ}
import { dedupe, redis, redisState } from 'squall';
const tally = (url) =>
  bolt({
    reads: Item,
    emits: { tallied: Item },
    needs: ['key'],
    async open(context) {
      const state = await redisState(context, { url, key: 'tally' });
      let holds = [];
      context.every(100, async () => {
        const held = holds;
        holds = [];
        await state.flush();
        for (const hold of held) hold.ack();
      });
      return {
        process(row) {
          holds.push(context.hold());
          state.increment(row.key);
        },
        close: () => state.close(),
      };
    },
  });
const params = z.object({ follow: z.boolean().default(false), input: z.string(), out: z.string(), url: z.string(), store: z.enum(['memory', 'redis']) });
export default topology('counted', { params }, (t, { follow, input, url, store }) => {
  const { items } = t.bolt('read', read, { from: t.spout('lines', file({ path: input, follow })).shuffle() });
  const unseen = dedupe(Item, 'number', { window: '1h', store: store === 'memory' ? store : { url } });
  const { unique } = t.bolt('dedupe', unseen, { from: items.by('number') });
  const once = { id: '{number}', window: '1h' };
  t.sink('counts', redis({ url, command: 'HINCRBY', key: 'counts', field: '{key}', once }), { from: unique.shuffle() });
  t.discard(t.bolt('tally', tally(url), { from: unique.by('key') }).tallied, 'it only counts');
});
`;

(hasRedis ? describe : describe.skip)('counts in Redis', () => {
  let server: RedisServer;
  let folder: string;

  beforeAll(async () => {
    server = await startRedis();
  });
  beforeEach(async () => {
    await server.client.flushall();
    folder = mkdtempSync(join(tmpdir(), 'squall-chaos-'));
    writeNumbered(folder, TOPOLOGY, 0);
    writeLines(NUMBERS);
  });
  afterEach(() => {
    killRuns();
    rmSync(folder, { recursive: true });
  });
  afterAll(() => server.end());

  const start = (store: string, ...more: string[]): CliRun =>
    runNumbered(folder, 2, '--set', `url=${server.url}`, '--set', `store=${store}`, ...more);

  /** Each number below `numbers`, and then each again. */
  function writeLines(numbers: number): void {
    const line = (i: number): string => `${keyOf(i % numbers)} ${i % numbers}\n`;
    const lines = Array.from({ length: 2 * numbers }, (_, i) => line(i));
    writeFileSync(join(folder, 'lines.txt'), lines.join(''));
  }

  const exact = (): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (let i = 0; i < NUMBERS; i++) counts[keyOf(i)] = (counts[keyOf(i)] ?? 0) + 1;
    return counts;
  };

  async function counted(...keys: string[]): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const key of keys)
      for (const [field, count] of Object.entries(await server.client.hgetall(key)))
        counts[field] = (counts[field] ?? 0) + Number(count);
    return counts;
  }

  test.each(['memory', 'redis'])(
    'are exact after three deaths of workers (ids in %s)',
    async (store) => {
      const random = seeded(7);
      const run = start(store);
      for (let death = 1; death <= 3; death++) {
        await untilCommitted(run, folder, 0.15 * death * LINES);
        const victims = await run.until('both workers were there', () => {
          const workers = run.workers();
          return workers.length === 2 && workers;
        });
        process.kill(oneOf(random, victims), 'SIGKILL');
        await run.until('the death was noticed', () => run.stderr.split(' died (').length > death);
      }
      expect(expectExit(await run.ended, 0)).toMatchObject({ ...DONE, restarts: 3 });
      expect(await counted('counts')).toEqual(exact());
      // A state counts what is replayed again: never too low.
      const tallied = await counted('tally:0', 'tally:1');
      const low = Object.entries(exact()).filter(([key, count]) => !(tallied[key]! >= count));
      expect(low).toEqual([]);
    },
  );

  test('are exact after two deaths of Redis, for which the run waits without a failed attempt', async () => {
    const path = join(folder, 'lines.txt');
    const lines = readFileSync(path, 'utf8').split(/(?<=\n)/);
    const third = Math.ceil(lines.length / 3);
    const part = (i: number): string => lines.slice(i * third, (i + 1) * third).join('');
    writeFileSync(path, part(0));
    const run = start('redis', '--set', 'follow=true', '--max-attempts', '1');
    const said = (text: string): number => run.stderr.split(text).length;
    const stalls = (): boolean =>
      said('storage cannot be written (E') > said('storage can be written again');
    for (const death of [1, 2]) {
      // In the middle of one part; the next one comes while there is no Redis.
      await untilCommitted(run, folder, (death - 0.5) * third);
      await server.service.kill();
      appendFileSync(path, part(death));
      await run.until('it stalled', stalls);
      await server.service.start();
    }
    await untilCommitted(run, folder, LINES);
    run.signal('SIGTERM');
    const ended = await run.ended;
    expect(expectExit(ended, 0)).toMatchObject({ ...DONE, outcome: 'stopped', restarts: 0 });
    expect(ended.stderr).toContain('storage can be written again');
    expect(await counted('counts')).toEqual(exact());
    expect(await counted('tally:0', 'tally:1')).toEqual(exact());
  });

  test('make dead letters of the rows that Redis refuses, and of no others', async () => {
    const numbers = 10 * KEYS;
    writeLines(numbers);
    await server.client.hset('counts', keyOf(5), 'no number');
    const { summary } = await start('memory').ended;
    expect(summary).toMatchObject({ outcome: 'completed', acked: 2 * numbers - 20 });
    expect(summary!.deadLetters).toBe(20);
    expect(await server.client.hget('counts', keyOf(6))).toBe('10');
  });
});
