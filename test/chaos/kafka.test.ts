/** From Kafka to Kafka, with runs that come and go, and kill -9 of workers and brokers: nothing is lost, and nothing committed too early. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { closeMembers } from '../clients/kafka/members.js';
import { expectExit, killRuns, type CliRun, type Ended } from '../support/chaos/cli-run.js';
import { closePipes, KafkaPipe } from '../support/chaos/kafka-pipe.js';
import { oneOf, seeded } from '../support/chaos/seeded.js';
import { kafkaIsInstalled, startKafka, type KafkaCluster } from '../support/services/kafka.js';

const MESSAGES = 200_000;
const ROUNDS = 5;
/** Rounds in which the broker is killed, too. */
const BROKER_DIES = [2, 4];
/** Six runs are started in it, which takes a busy machine a while. */
const TIMEOUT_MS = 600_000;
/** Pieces in which the messages come: some between any two blows. */
const PIECES = 4 * ROUNDS;

let root: string;
let cluster: KafkaCluster | undefined;
const told: string[] = [];

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'squall-chaos-'));
});
afterEach(async () => {
  killRuns();
  await closePipes();
  await closeMembers();
  await cluster?.remove();
  cluster = undefined;
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  process.stdout.write(`${told.join('\n')}\n`);
});

(kafkaIsInstalled() ? describe : describe.skip)('messages through Kafka', () => {
  test.each(['4.3.1', '3.9.2'] as const)(
    'all arrive, however often runs come and go, workers die and the broker dies (Kafka %s)',
    async (version) => {
      cluster = await startKafka({ version });
      const random = seeded(1);
      const pipe = await KafkaPipe.open(cluster, root, 'pipe');
      const piece = (): Promise<void> => pipe.produce(MESSAGES / PIECES);
      const first = pipe.run();
      let restarts = 0;
      for (let round = 1; round <= ROUNDS; round++) {
        await pipe.members(2);
        await piece();
        const second = pipe.run();
        const members = await pipe.members(4);
        await piece();
        const struck = round % 2 === 1 ? first : second;
        const before = deaths(struck);
        process.kill(oneOf(random, struck.workers()), 'SIGKILL');
        await piece();
        await struck.until('the death was noticed', () => deaths(struck) > before);
        if (struck === first) restarts++;
        if (BROKER_DIES.includes(round)) {
          await pipe.members(4, members);
          await cluster.nodes[0]!.kill();
          await cluster.nodes[0]!.start();
        }
        await piece();
        second.signal('SIGTERM');
        expectStopped(await second.ended);
      }
      await pipe.committed(MESSAGES);
      first.signal('SIGTERM');
      expect(expectStopped(await first.ended).restarts).toBe(restarts);
      await expectAll(pipe, version);
    },
    TIMEOUT_MS,
  );

  test('all arrive, and nothing is committed by a worker that stood still so long that others have its partitions', async () => {
    cluster = await startKafka();
    const pipe = await KafkaPipe.open(cluster, root, 'pipe');
    const piece = (): Promise<void> => pipe.produce(MESSAGES / PIECES);
    const run = pipe.run();
    await pipe.members(2);
    await piece();
    const [sleeper] = run.workers();
    process.kill(sleeper!, 'SIGSTOP');
    await piece();
    await pipe.members(1);
    await piece();
    await pipe.committed(pipe.produced);
    process.kill(sleeper!, 'SIGCONT');
    await pipe.members(2);
    await piece();
    await pipe.committed(pipe.produced);
    run.signal('SIGTERM');
    expect(expectStopped(await run.ended).restarts).toBe(0);
    await expectAll(pipe, 'with a sleeper');
  });

  test('all arrive when the leader of a partition dies, one broker of three', async () => {
    cluster = await startKafka({ nodes: 3 });
    const pipe = await KafkaPipe.open(cluster, root, 'pipe');
    const piece = (): Promise<void> => pipe.produce(MESSAGES / PIECES);
    const run = pipe.run();
    await pipe.members(2);
    await piece();
    const leader = cluster.nodes[(await pipe.leader()) - 1]!;
    await leader.kill();
    await piece();
    await pipe.committed(pipe.produced);
    await leader.start();
    await piece();
    await pipe.committed(pipe.produced);
    run.signal('SIGTERM');
    expect(expectStopped(await run.ended).restarts).toBe(0);
    await expectAll(pipe, 'of three brokers');
  });
});

const deaths = (run: CliRun): number => run.stderr.split(' died (').length - 1;

function expectStopped(ended: Ended): NonNullable<Ended['summary']> {
  const summary = expectExit(ended, 0);
  expect(summary).toMatchObject({ outcome: 'stopped', deadLetters: 0 });
  expect(summary.emitted).toBe(summary.acked);
  return summary;
}

async function expectAll(pipe: KafkaPipe, name: string): Promise<void> {
  const { rows, copies, early, looks } = await pipe.arrived();
  expect(copies.indexOf(0)).toBe(-1);
  expect(early).toEqual([]);
  told.push(
    `Kafka ${name}: ${copies.length} messages, ${rows - copies.length} duplicates, ${looks} looks at what was committed`,
  );
}
