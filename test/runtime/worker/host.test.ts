import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { bolt } from '../../../topology/dsl/bolt.js';
import { reject } from '../../../topology/dsl/reject.js';
import { topology, type TopologyBuilder } from '../../../topology/dsl/topology.js';
import { build, type Built } from '../../../topology/plan/build.js';
import type { FromWorker } from '../../../runtime/coordinator/protocol.js';
import { preparationOf } from '../../../runtime/coordinator/preparation.js';
import type { RunEvents, RunResult } from '../../../runtime/coordinator/run-request.js';
import { Run } from '../../../runtime/coordinator/run.js';
import { inlineWorker, type StartWorker } from '../../../runtime/coordinator/worker-handle.js';
import { readDeadLetters } from '../../../runtime/state/read-letters.js';
import { WorkerHost } from '../../../runtime/worker/host.js';
import { smallDisk } from '../../support/small-disk.js';
import { awaiting, chain, numbers, Numbered, Source, stepping, Store, type Out } from './parts.js';

let stateDir: string;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'squall-test-'));
});
afterEach(() => {
  rmSync(stateDir, { recursive: true });
});

interface Ran {
  readonly result: RunResult;
  readonly run: Run;
  readonly said: FromWorker[];
  readonly notices: string[];
  readonly stalls: (string | null)[];
}

/** A whole run with its workers in this process: real files, and real sockets between them. */
async function ran(
  wire: (t: TopologyBuilder) => void,
  workers = 1,
  during: (run: Run, said: FromWorker[]) => void = () => {},
): Promise<Ran> {
  const built = build(topology('test', wire));
  const [said, notices, stalls] = [[] as FromWorker[], [] as string[], [] as (string | null)[]];
  const events: RunEvents = {
    notice: (message, { component }) => void notices.push(`${component}: ${message}`),
    resumed: () => {},
    workerDied: () => {},
    stalled: (code) => void stalls.push(code),
  };
  const options = { maxSpoutPending: 1000, maxAttempts: 2, messageTimeoutMs: 30_000, acking: true };
  const startWorker = listening(built, (message) => {
    said.push(message);
    during(run, said);
  });
  const run = new Run({
    topology: preparationOf(built),
    source: { module: '' },
    parameters: {},
    workers,
    stateDir,
    options,
    startWorker,
    events,
  });
  return { result: await run.run(), run, said, notices, stalls };
}

const listening =
  (built: Built, hear: (message: FromWorker) => void): StartWorker =>
  (start, events) =>
    inlineWorker(built)(start, {
      ...events,
      message(message) {
        hear(message);
        events.message(message);
      },
    });

const figuresOf = ({ result }: Ran, name: string) =>
  result.components.find((each) => each.name === name)!;

describe('workers', () => {
  test('run a topology over real sockets: each key in one task, every message acked', async () => {
    const taskOf = new Map<number, Set<number>>();
    const store = new Store();
    const noting = bolt<Numbered, Out>({
      reads: Numbered,
      emits: { out: Numbered },
      open: ({ task }) => ({
        process(row, emit) {
          taskOf.set(row.n, (taskOf.get(row.n) ?? new Set()).add(task));
          emit.out(row);
        },
      }),
    });
    const all = await ran((t) => {
      const mod = t.bolt(
        'mod',
        stepping(({ n }, emit) => emit.out({ n: n % 50 })),
        { from: t.spout('in', numbers(5000)).shuffle() },
      );
      const { out } = t.bolt('noting', noting, { from: mod.out.by('n'), tasks: 3 });
      t.sink('store', store.sink(), { from: out.shuffle() });
    }, 3);
    expect(all.result).toMatchObject({ outcome: 'completed', restarts: 0, outputs: ['stored'] });
    expect(figuresOf(all, 'in')).toMatchObject({ emitted: 5000, acked: 5000, failed: 0 });
    expect(store.written.length).toBe(5000);
    expect([...taskOf.values()].map((tasks) => tasks.size)).toEqual(Array(50).fill(1));
    expect(new Set([...taskOf.values()].flatMap((tasks) => [...tasks])).size).toBe(3);
  });

  test('keep dead letters, sealed, and say why there are any', async () => {
    const all = await ran(
      chain(
        numbers(10),
        stepping(({ n }, emit) => (n % 3 === 0 ? reject('divisible') : emit.out({ n }))),
        new Store(),
      ),
    );
    expect(all.result.outcome).toBe('completed');
    expect(figuresOf(all, 'in')).toMatchObject({ emitted: 10, acked: 6, deadLetters: 4 });
    expect(all.run.reasons()).toEqual([['rejected(bolt, divisible)', 4]]);
    const raws: string[] = [];
    for await (const { raw } of readDeadLetters(stateDir)) raws.push(String(raw));
    expect(raws.sort()).toEqual(['{"n":0}', '{"n":3}', '{"n":6}', '{"n":9}']);
    const [segment] = readdirSync(join(stateDir, 'dead-letters'));
    expect(readFileSync(join(stateDir, 'dead-letters', segment!), 'latin1')).not.toContain('"n"');
  });

  test('that are started while the disk is full wait for room', async () => {
    const disk = smallDisk(65_536);
    if (disk === undefined) return;
    const built = build(
      topology(
        'test',
        chain(
          numbers(1),
          stepping((row, emit) => emit.out(row)),
          new Store(),
        ),
      ),
    );
    const said: FromWorker[] = [];
    const host = new WorkerHost(
      built,
      {
        ...{ type: 'start', topology: { module: '' }, parameters: {}, hash: built.plan.hash },
        ...{
          worker: 0,
          workers: 1,
          epoch: 1,
          record: false,
          condemned: [],
          assignments: {},
          shares: {},
        },
        ...{ stateDir: disk.dir, stateId: '', socketDir: disk.dir },
        options: {
          worker: 0,
          maxSpoutPending: 1,
          maxAttempts: 1,
          messageTimeoutMs: 1,
          acking: true,
        },
      },
      (message) => {
        said.push(message);
        if (message.type === 'stalled' && message.code !== null) disk.makeRoom();
      },
    );
    disk.fill();
    await host.open();
    host.halt();
    disk.unmount();
    expect(said).toMatchObject([
      { type: 'stalled', code: 'ENOSPC' },
      { type: 'stalled', code: null },
      { type: 'ready' },
    ]);
  });

  test('say that storage cannot be written, once, however many tasks wait for it', async () => {
    const full = (): Promise<void> =>
      Promise.reject(Object.assign(new Error(), { code: 'ENOSPC' }));
    const [a, b] = [new Store(), new Store()];
    a.flushes = [full, full];
    b.flushes = [full];
    const { stalls, said } = await ran((t) => {
      const numbered = t.spout('in', numbers(1));
      t.sink('a', a.sink(), { from: numbered.shuffle() });
      t.sink('b', b.sink(), { from: numbered.shuffle() });
    });
    expect(stalls).toEqual(['ENOSPC', null]);
    expect(said.filter(({ type }) => type === 'stalled').length).toBe(2);
  });

  test('finish what is under way when they are stopped, and the next run goes on from there', async () => {
    const store = new Store();
    const source = new Source();
    for (let i = 0; i < 10; i++) source.push(3);
    source.answers = [() => source.batch(0, 0), () => 'idle'];
    let drained = false;
    const middle = awaiting(async (row, emit) => {
      await new Promise(setImmediate);
      emit.out(row);
      if (!drained) running.drain();
      drained = true;
    });
    let running!: Run;
    const first = await ran(chain(source.spout, middle, store), 1, (run) => (running = run));
    expect(first.result.outcome).toBe('stopped');
    const { acked } = figuresOf(first, 'in');
    expect(acked).toBe(store.written.length);
    const committed = new Map<string, number>();
    await ran((t) => {
      const spout = {
        ...source.spout,
        open: (context: { committed: ReadonlyMap<string, number> }) => (
          committed.set('p', context.committed.get('p')!),
          { poll: () => 'done' as const }
        ),
      };
      t.sink('store', store.sink(), { from: t.spout('in', spout as never).shuffle() as never });
    });
    expect(committed.get('p')).toBe(acked);
  });

  test('say what they cannot open, and the run fails with it', async () => {
    const refusing = bolt<Numbered, Out>({
      reads: Numbered,
      emits: { out: Numbered },
      open: () => {
        throw new Error('no such database');
      },
    });
    const { result } = await ran(chain(numbers(1), refusing, new Store()));
    expect(result).toMatchObject({ outcome: 'failed', error: 'bolt: no such database' });
  });

  test('say that a source broke', async () => {
    const source = new Source();
    source.answers = [
      () => {
        throw new Error('access.log: is gone');
      },
    ];
    const { result } = await ran(
      chain(
        source.spout,
        stepping(() => {}),
        new Store(),
      ),
    );
    expect(result).toMatchObject({ outcome: 'failed', error: 'in: access.log: is gone' });
  });

  test('keep the state of a bolt beside that of the run, until the run is complete', async () => {
    const seen: unknown[] = [];
    const dirs = new Set<string>();
    let enough = (): void => {};
    const counting = bolt<Numbered, Out>({
      reads: Numbered,
      emits: { out: Numbered },
      async open(context) {
        const state = await context.state();
        seen.push(state.get('count'));
        dirs.add(context.stateDir);
        return {
          process() {
            const count = 1 + Number(state.get('count') ?? 0);
            state.put('count', count);
            if (count === 3) enough();
          },
          close: () => state.flush(),
        };
      },
    });
    const source = new Source();
    source.push(3);
    const stopped = await ran(
      chain(source.spout, counting, new Store()),
      1,
      (run) => (enough = () => run.drain()),
    );
    expect(stopped.result.outcome).toBe('stopped');
    for (let run = 0; run < 2; run++) await ran(chain(numbers(2), counting, new Store()));
    expect([...dirs]).toEqual([join(stateDir, 'tasks', 'bolt-0')]);
    expect(seen).toEqual([undefined, 3, undefined]);
  });
});
