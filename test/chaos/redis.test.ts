/** Exact counts in Redis, whatever dies: each line is there twice, each number counts once. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
import { dedupe, redis } from 'squall';
const params = z.object({ input: z.string(), out: z.string(), url: z.string(), store: z.enum(['memory', 'redis']) });
export default topology('counted', { params }, (t, { input, url, store }) => {
  const { items } = t.bolt('read', read, { from: t.spout('lines', file({ path: input })).shuffle() });
  const unseen = dedupe(Item, 'number', { window: '1h', store: store === 'memory' ? store : { url } });
  const { unique } = t.bolt('dedupe', unseen, { from: items.by('number') });
  const once = { id: '{number}', window: '1h' };
  t.sink('counts', redis({ url, command: 'HINCRBY', key: 'counts', field: '{key}', once }), { from: unique.shuffle() });
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

  async function expectExact(): Promise<void> {
    const exact: Record<string, string> = {};
    for (let i = 0; i < NUMBERS; i++) exact[keyOf(i)] = String(Number(exact[keyOf(i)] ?? 0) + 1);
    expect(Object.keys(exact)).toHaveLength(KEYS);
    expect(await server.client.hgetall('counts')).toEqual(exact);
  }

  test.each(['memory', 'redis'])(
    'are exact after three deaths of workers (ids in %s)',
    async (store) => {
      const random = seeded(7);
      const run = start(store);
      for (let death = 1; death <= 3; death++) {
        await untilCommitted(run, folder, 0.2 * death * LINES);
        const victims = await run.until('both workers were there', () => {
          const workers = run.workers();
          return workers.length === 2 && workers;
        });
        process.kill(oneOf(random, victims), 'SIGKILL');
        await run.until('the death was noticed', () => run.stderr.split(' died (').length > death);
      }
      expect(expectExit(await run.ended, 0)).toMatchObject({ ...DONE, restarts: 3 });
      await expectExact();
    },
  );

  test('are exact after two deaths of Redis, for which the run waits without a failed attempt', async () => {
    const run = start('redis', '--max-attempts', '1');
    const stalls = (): number => run.stderr.split('storage cannot be written (E').length;
    for (const share of [0.2, 0.5]) {
      await untilCommitted(run, folder, share * LINES);
      const before = stalls();
      await server.service.kill();
      await run.until('it stalled', () => stalls() > before);
      await server.service.start();
    }
    const ended = await run.ended;
    expect(expectExit(ended, 0)).toMatchObject({ ...DONE, restarts: 0 });
    expect(ended.stderr).toContain('storage can be written again');
    await expectExact();
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
