/** A run whose broker dies: rows wait, nothing times out, and all of them are stored when it is back. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { expectExit, killRuns } from '../support/chaos/cli-run.js';
import { untilCommitted } from '../support/chaos/moment.js';
import { missing, READ, runNumbered, writeNumbered } from '../support/chaos/numbered.js';
import { kafkaIsInstalled, startKafka, type KafkaCluster } from '../support/services/kafka.js';
import { isInstalled } from '../support/services/service.js';

const LINES = 150_000;
const DONE = { outcome: 'completed', emitted: LINES, acked: LINES, deadLetters: 0 };
/** Shorter than any outage: a broker takes 5 s until it serves again. */
const IMPATIENT = ['--message-timeout', '1s', '--max-attempts', '2'];

const installed = kafkaIsInstalled() && isInstalled('kcat', 'kcat');
const withKafka = installed ? describe : describe.skip;

let kafka: KafkaCluster;
let folder: string;
beforeAll(async () => {
  if (installed) kafka = await startKafka();
}, 120_000);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'squall-chaos-'));
});
afterEach(() => {
  killRuns();
  rmSync(folder, { recursive: true });
});
afterAll(async () => {
  if (installed) await kafka.remove();
});

const sendTo = (
  topic: string,
  broker = kafka.brokers[0]!,
): string => `${READ.replace('jsonLines,', 'jsonLines, toKafka,')}
const params = z.object({ input: z.string(), out: z.string() });
export default topology('numbers', { params }, (t, { input }) => {
  const { items } = t.bolt('read', read, { from: t.spout('lines', file({ path: input })).shuffle() });
  const store = toKafka({ brokers: ['${broker}'], topic: '${topic}', key: 'key' });
  t.sink('store', store, { from: items.shuffle() });
});
`;

interface Item {
  readonly key: string;
  readonly number: number;
}

const stored = (topic: string): Item[] =>
  execFileSync('kcat', ['-b', kafka.brokers[0]!, '-C', '-t', topic, '-e', '-q'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Item);

/** Keys of which a row came after one that is later in the input. */
function disordered(items: readonly Item[]): Set<string> {
  const last = new Map<string, number>();
  const keys = new Set<string>();
  for (const { key, number } of items) {
    if (number <= (last.get(key) ?? -1)) keys.add(key);
    last.set(key, number);
  }
  return keys;
}

withKafka('a run that sends to Kafka', () => {
  test('waits while the broker is dead, and then every row is there, once and in its order', async () => {
    await kafka.createTopic('waits', 4);
    writeNumbered(folder, sendTo('waits'), LINES);
    const run = runNumbered(folder, 1, ...IMPATIENT);
    for (const share of [0.1, 0.5]) {
      await untilCommitted(run, folder, share * LINES);
      await kafka.nodes[0]!.kill();
      await kafka.nodes[0]!.start();
    }
    const summary = expectExit(await run.ended, 0);
    expect(summary).toMatchObject({ ...DONE, replayed: 0, restarts: 0 });
    expect(run.stderr).toMatch(
      /Kafka does not take records for now: .*(ECONNREFUSED|ECONNRESET|Closed connection)/,
    );
    const items = stored('waits');
    expect(missing(items, LINES)).toEqual([]);
    expect(items).toHaveLength(LINES);
    expect(disordered(items)).toEqual(new Set());
  }, 120_000);

  test('does not start without a broker', async () => {
    writeNumbered(folder, sendTo('nowhere', '127.0.0.1:1'), 10);
    const { code, stderr } = await runNumbered(folder, 1).ended;
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(
        /store: None of the brokers 127.0.0.1:1 can be used: .*ECONNREFUSED/,
      ),
    });
  }, 120_000);

  test('loses nothing when a worker dies while the broker is dead', async () => {
    await kafka.createTopic('dies', 4);
    writeNumbered(folder, sendTo('dies'), LINES);
    const run = runNumbered(folder, 2, ...IMPATIENT);
    await untilCommitted(run, folder, 0.3 * LINES);
    await kafka.nodes[0]!.kill();
    await run.until('it stalled', () => run.stderr.includes('storage cannot be written'));
    process.kill(run.workers()[0]!, 'SIGKILL');
    await kafka.nodes[0]!.start();
    const summary = expectExit(await run.ended, 0);
    expect(summary).toMatchObject({ ...DONE, restarts: 1 });
    expect(missing(stored('dies'), LINES)).toEqual([]);
  }, 120_000);
});
