/** Keyed rows under way while their bolt gets other tasks, and what must be true of them. @module */
import type { Bolt } from '../../../topology/dsl/bolt.js';
import { bolt } from '../../../topology/dsl/bolt.js';
import type { Hold } from '../../../topology/dsl/context.js';
import { sink } from '../../../topology/dsl/sink.js';
import { merge } from '../../../topology/dsl/stream.js';
import type { KeyedState } from '../../../topology/dsl/state.js';
import { spout, type Batch, type Spout } from '../../../topology/dsl/spout.js';
import type { TopologyBuilder } from '../../../topology/dsl/topology.js';
import { int } from '../../../topology/rows/field.js';
import type { Emit } from '../../../topology/rows/row.js';
import { schema } from '../../../topology/rows/schema.js';
import { GROUPS } from '../../../runtime/planner/shares.js';
import { Cluster, type ClusterOptions } from './cluster.js';

type Event = { readonly key: number; readonly n: number };
const Event = schema<Event>('event', { key: int(), n: int() });
type Out = { readonly out: Event };

const KEYS = 40;
const STORE_EVERY_MS = 20;

const ROWS_PER_10_MS = 10;

class EventBatch implements Batch<Event> {
  readonly partition = 'p';
  readonly count: number;
  readonly #first: number;
  readonly #events: readonly Event[];

  constructor(first: number, events: readonly Event[]) {
    this.#first = first;
    this.#events = events;
    this.count = events.length;
  }

  positionAfter = (i: number): number => this.#first + i + 1;
  emit = (i: number, emit: Emit<Event>): void => emit(this.#events[i]!);
  raw = (i: number): Uint8Array => Buffer.from(String(this.#first + i));
  origin = (i: number): object => ({ row: this.#first + i });
  extract = (i: number): EventBatch => new EventBatch(this.#first + i, [this.#events[i]!]);
}

/** A task of the bolt: it must be told that it is over before another one gets its keys. */
interface Instance {
  readonly worker: number;
  over: boolean;
}

/** How the bolt is done with a row: at once, when its state is stored, or after a while. */
export type Way = 'at-once' | 'stored' | 'awaited';

/** Under one name, then another, so that what should have been forgotten is counted. */
function count(state: KeyedState, key: number): void {
  const names = [`${key} even`, `${key} odd`] as const;
  const count = 1 + names.reduce((sum, name) => sum + Number(state.get(name) ?? 0), 0);
  for (const name of names) state.delete(name);
  state.put(names[count % 2]!, count);
}

export class KeyedLoad {
  readonly rows: number;
  /** What came out, by key. */
  readonly out = new Map<number, number[]>();
  /** What must not be. */
  readonly faults: string[] = [];
  readonly #way: Way;
  readonly #owners = new Map<number, Instance>();
  readonly #instances: Instance[] = [];
  #cluster!: Cluster;
  /** Processed since it was asked last, by task. */
  readonly #busy = new Map<number, number>();
  processed = 0;

  /** @param rows of each of two spouts */
  constructor(way: Way, rows: number) {
    this.#way = way;
    this.rows = rows;
  }

  async start(options: ClusterOptions, random: () => number): Promise<Cluster> {
    const cluster = new Cluster((t) => this.#wire(t), { maxSpoutPending: 40, ...options });
    this.#cluster = cluster;
    // Some are slow in this run, and some are not.
    const speeds = { turn: 0, bytes: 0, word: 0 };
    for (const kind of ['turn', 'bytes', 'word'] as const) speeds[kind] = 0.03 + random() ** 2;
    cluster.chance = (kind) => random() < speeds[kind];
    cluster.link = (count) => Math.floor(random() * count);
    for (let worker = 0; worker < cluster.engines.length; worker++) await cluster.open(worker);
    for (const engine of cluster.engines) engine.start();
    return cluster;
  }

  /** The tasks that were at work since this was called last. */
  busy(): number[] {
    const tasks = [...this.#busy.keys()].sort((a, b) => a - b);
    this.#busy.clear();
    return tasks;
  }

  /** Those of a worker are over with it. */
  killed(worker: number): void {
    for (const instance of this.#instances) if (instance.worker === worker) instance.over = true;
  }

  /** The counts on disk, by key; each in the task that the table says. */
  counts(): Map<number, number> {
    const { groups, taskWorkers } = this.#cluster.placement.nodes.find(
      ({ name }) => name === 'count',
    )!;
    const counts = new Map<number, number>();
    for (let task = 0; task < GROUPS; task++) {
      for (const [group, key, value] of this.#cluster.groups.get(`count-${task}`) ?? []) {
        if (groups[group] !== task || task >= taskWorkers.length) continue;
        const of = parseInt(key);
        counts.set(of, (counts.get(of) ?? 0) + Number(value));
      }
    }
    return counts;
  }

  /** How many rows of each key were sent. */
  sent(): Map<number, number> {
    const sent = new Map<number, number>();
    for (const { key } of [...this.#events(0), ...this.#events(1)])
      sent.set(key, (sent.get(key) ?? 0) + 1);
    return sent;
  }

  #wire(t: TopologyBuilder): void {
    const a = t.spout('a', this.#spout(0), { worker: 0 });
    const b = t.spout('b', this.#spout(1), { worker: 1 });
    const { out } = t.bolt('count', this.#bolt(), {
      from: merge(a.by('key'), b.by('key')),
      tasks: 1,
    });
    const store = sink<Event>({
      kind: 'store',
      open: () => ({
        write: ({ key, n }) => {
          const seen = this.out.get(key);
          if (seen === undefined) this.out.set(key, [n]);
          else seen.push(n);
        },
      }),
    });
    t.sink('store', store, { from: out.global() });
  }

  /** Keys of one spout only: there is an order among the rows of one sender. */
  #events(of: number): Event[] {
    return Array.from({ length: this.rows }, (_, n) => ({
      // Every other row is of one of three keys: more than one of them waits at a time.
      key: (n % 2 === 0 ? n % 3 : (n * 7919) % KEYS) * 2 + of,
      n,
    }));
  }

  /** So many rows every 10 ms. */
  #spout(of: number): Spout<Event> {
    const events = this.#events(of);
    return spout<Event>({
      kind: 'steady',
      emits: Event,
      tasks: 1,
      open: ({ wake, committed }) => {
        let at = committed.get('p') ?? 0;
        let full = false;
        return {
          poll: () => {
            if (at === events.length) return 'done';
            if (full) return 'idle';
            full = true;
            this.#cluster.clock.setTimer(10, () => {
              full = false;
              wake();
            });
            const batch = new EventBatch(at, events.slice(at, at + ROWS_PER_10_MS));
            at += batch.count;
            return batch;
          },
        };
      },
    });
  }

  #bolt(): Bolt<Event, Out, 'by key'> {
    const way = this.#way;
    return bolt<Event, Out, readonly ['key']>({
      reads: Event,
      emits: { out: Event },
      needs: ['key'],
      remembers: 'keyed',
      keeps: way === 'awaited',
      open: async (context) => {
        const state = await context.keyedState();
        const instance: Instance = { worker: context.worker, over: false };
        this.#instances.push(instance);
        let holds: Hold[] = [];
        const store = async (): Promise<void> => {
          const stored = holds;
          holds = [];
          await state.flush();
          for (const hold of stored) hold.ack();
        };
        if (way === 'stored') context.every(STORE_EVERY_MS, store);
        return {
          process: (row, emit) => {
            const { key, n } = row;
            this.#look(instance, context.task, key);
            const part = state.here();
            if (way === 'stored') holds.push(context.hold());
            if (way !== 'awaited') {
              count(part, key);
              emit.out({ key, n });
              return;
            }
            return new Promise<void>((done) =>
              this.#cluster.clock.setTimer(1 + ((key * n) % 9), () => {
                count(part, key);
                emit.out({ key, n });
                done();
              }),
            );
          },
          handOver: async () => {
            await store();
            // Rows come meanwhile, and wait.
            await new Promise<void>((done) => this.#cluster.clock.setTimer(25, done));
            instance.over = true;
          },
        };
      },
    });
  }

  #look(instance: Instance, task: number, key: number): void {
    this.processed++;
    this.#busy.set(task, (this.#busy.get(task) ?? 0) + 1);
    if (instance.over) this.faults.push(`key ${key} came to a task that was over`);
    const owner = this.#owners.get(key);
    if (owner !== undefined && owner !== instance && !owner.over)
      this.faults.push(`key ${key} is in two tasks`);
    this.#owners.set(key, instance);
  }
}
