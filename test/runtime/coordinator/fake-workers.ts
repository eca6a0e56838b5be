/** Workers that do and say only what a test has them do, and die when it says so. @module */
import type { FromWorker, StartMessage, ToWorker } from '../../../runtime/coordinator/protocol.js';
import { preparationOf } from '../../../runtime/coordinator/preparation.js';
import type { RunRequest } from '../../../runtime/coordinator/run-request.js';
import { Run } from '../../../runtime/coordinator/run.js';
import type { StartWorker, WorkerEvents } from '../../../runtime/coordinator/worker-handle.js';
import { Counters } from '../../../runtime/metrics/counters.js';
import type { WorkerLoad } from '../../../runtime/metrics/load.js';
import { bolt } from '../../../topology/dsl/bolt.js';
import { derive } from '../../../topology/dsl/lineage.js';
import { RawLine } from '../../../topology/dsl/raw-line.js';
import { sink } from '../../../topology/dsl/sink.js';
import { spout } from '../../../topology/dsl/spout.js';
import { topology } from '../../../topology/dsl/topology.js';
import { build } from '../../../topology/plan/build.js';
import { text } from '../../../topology/rows/field.js';
import { schema } from '../../../topology/rows/schema.js';

const Word = schema('word', { word: text() });

/** Two workers, linked because words go by key. */
const built = build(
  topology('test', (t) => {
    const lines = t.spout(
      'lines',
      spout({ kind: 'test', emits: RawLine, open: () => ({ poll: () => 'done' as const }) }),
    );
    const lineage = { words: { word: derive() } };
    const split = bolt({ reads: RawLine, emits: { words: Word }, lineage, process: () => {} });
    const { words } = t.bolt('split', split, { from: lines.shuffle() });
    t.sink('store', sink<{ word: string }>({ kind: 'test', open: () => ({ write: () => {} }) }), {
      from: words.by('word'),
    });
    const tally = bolt({ reads: Word, emits: {}, process: () => {} });
    t.bolt('tally', tally, { from: words.by('word'), tasks: 1 });
  }),
);
export const PLAN = built.plan;
const LEVELS = 3;
const COUNTERS = new Counters(4).snapshot();
export const IDLE: WorkerLoad = { inFlight: 0, outboxBytes: 0, waitedMs: 0, busyRatio: 0 };

/** One life of a worker. */
export class FakeWorker {
  readonly #start: StartMessage | null;
  readonly heard: ToWorker[] = [];
  /** SIGKILL was sent. */
  killed = false;
  /** When it is killed, it is gone only when the test calls `exit`. */
  lingers = false;
  readonly #events: WorkerEvents;
  #gone!: () => void;
  readonly gone = new Promise<void>((resolve) => (this.#gone = resolve));

  /** @param start null when another coordinator has started it */
  constructor(start: StartMessage | null, events: WorkerEvents) {
    this.#start = start;
    this.#events = events;
  }

  get start(): StartMessage {
    return this.#start!;
  }

  say(message: FromWorker): void {
    this.#events.message(message);
  }

  reports(): void {
    const figures = { counters: COUNTERS, reasons: [], own: [], load: IDLE };
    this.say({ type: 'counters', ...figures, still: false });
  }

  exit(how = 'SIGKILL'): void {
    this.#events.exit(how);
    this.#gone();
  }

  kill(): Promise<void> {
    this.killed = true;
    if (!this.lingers) this.exit();
    return this.gone;
  }

  /** How often it heard a message of this type. */
  count(type: ToWorker['type']): number {
    return this.heard.filter((message) => message.type === type).length;
  }
}

export class FakeRun {
  /** Every life of every worker. */
  readonly lives: FakeWorker[] = [];
  readonly run: Run;
  readonly result: Promise<Awaited<ReturnType<Run['run']>>>;

  constructor(
    stateDir: string,
    options: Partial<RunRequest['options']> = {},
    others: Partial<RunRequest> = {},
  ) {
    const startWorker: StartWorker = (start, events) => {
      if (start.type !== 'start') throw new Error('Nothing receives here.');
      const life = new FakeWorker(start, events);
      this.lives.push(life);
      return {
        pid: process.pid,
        send: (message) => void life.heard.push(message),
        kill: () => life.kill(),
      };
    };
    const request: RunRequest = {
      topology: preparationOf(built),
      source: { module: 'test' },
      parameters: {},
      workers: 2,
      stateDir,
      options: {
        maxSpoutPending: 1,
        maxAttempts: 1,
        messageTimeoutMs: 1,
        acking: true,
        ...options,
      },
      startWorker,
      events: { notice: () => {}, resumed: () => {}, workerDied: () => {}, stalled: () => {} },
      ...others,
    };
    this.run = new Run(request);
    this.result = this.run.run();
  }

  /** The life of worker `worker` that is its `nth`, when it has begun. */
  async life(worker: number, nth = 1): Promise<FakeWorker> {
    for (;;) {
      const lives = this.lives.filter(({ start }) => start.worker === worker);
      if (lives.length >= nth) return lives[nth - 1]!;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /** The `nth` lives of both, ready and linked. */
  async linked(nth = 1): Promise<[FakeWorker, FakeWorker]> {
    const both: [FakeWorker, FakeWorker] = [await this.life(0, nth), await this.life(1, nth)];
    for (const each of both) each.say({ type: 'ready', path: 'socket' });
    for (const each of both) each.say({ type: 'linked' });
    return both;
  }
}

/** Has workers that are linked end the run as they do when there is nothing left. */
export function complete(workers: readonly FakeWorker[]): void {
  for (const each of workers) each.say({ type: 'quiet' });
  for (let level = 0; level < LEVELS; level++)
    for (const each of workers) each.say({ type: 'closed', level });
  for (const each of workers)
    each.say({
      type: 'finished',
      outputs: [],
      counters: COUNTERS,
      reasons: [],
      own: [],
      load: IDLE,
    });
}
