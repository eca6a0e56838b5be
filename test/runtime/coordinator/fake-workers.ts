/** Workers that do and say only what a test has them do, and die when it says so. @module */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { noteAssigned } from '../../../runtime/coordinator/adoption.js';
import type { FromWorker, StartMessage, ToWorker } from '../../../runtime/coordinator/protocol.js';
import { preparationOf } from '../../../runtime/coordinator/preparation.js';
import type { RunRequest } from '../../../runtime/coordinator/run-request.js';
import { Run } from '../../../runtime/coordinator/run.js';
import type {
  AdoptWorker,
  StartWorker,
  WorkerEvents,
  WorkerHandle,
} from '../../../runtime/coordinator/worker-handle.js';
import { thisProcess } from '../../../runtime/state/process-id.js';
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
  }),
);
const LEVELS = 3;
const COUNTERS = new Counters(3).snapshot();
export const IDLE: WorkerLoad = { inFlight: 0, outboxBytes: 0, waitedMs: 0, busyRatio: 0 };

/** One life of a worker. */
export class FakeWorker {
  readonly #start: StartMessage | undefined;
  readonly heard: ToWorker[] = [];
  /** SIGKILL was sent. */
  killed = false;
  /** When it is killed, it is gone only when the test calls `exit`. */
  lingers = false;
  readonly #events: WorkerEvents;
  #gone!: () => void;
  readonly gone = new Promise<void>((resolve) => (this.#gone = resolve));

  constructor(start: StartMessage | undefined, events: WorkerEvents) {
    this.#start = start;
    this.#events = events;
  }

  /** What it was started with. @throws Error when it was taken over */
  get start(): StartMessage {
    if (this.#start === undefined) throw new Error('Another coordinator has started it.');
    return this.#start;
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

  /** Those that another coordinator has left, by worker. */
  readonly left = new Map<number, FakeWorker>();

  /** @param first done before it begins */
  constructor(
    stateDir: string,
    options: Partial<RunRequest['options']> = {},
    first: (run: Run) => void = () => {},
  ) {
    const handleOf = (life: FakeWorker): WorkerHandle => ({
      pid: process.pid,
      send: (message) => void life.heard.push(message),
      kill: () => life.kill(),
    });
    const startWorker: StartWorker = (start, events) => {
      if (start.type !== 'start') throw new Error('Nothing receives here.');
      const life = new FakeWorker(start, events);
      this.lives.push(life);
      return handleOf(life);
    };
    const adoptWorker: AdoptWorker = (left, events) => {
      if (!('worker' in left)) throw new Error('Nothing receives here.');
      const life = new FakeWorker(undefined, events);
      this.left.set(left.worker, life);
      return handleOf(life);
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
      ...(existsSync(join(stateDir, 'workers.json')) && { adoptWorker }),
      events: { notice: () => {}, resumed: () => {}, workerDied: () => {}, stalled: () => {} },
    };
    this.run = new Run(request);
    first(this.run);
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

/** Notes two workers of this topology, as a coordinator that was killed has left them. */
export async function leaveTwo(stateDir: string): Promise<void> {
  const assigned = { assignments: {}, counters: new Map() };
  await noteAssigned(stateDir, built.plan, 2, assigned);
  const processes = [0, 1].map((worker) => ({ ...thisProcess(), worker, epoch: worker + 1 }));
  await writeFile(
    join(stateDir, 'workers.json'),
    JSON.stringify({ sockets: join(stateDir, 'sockets'), processes }),
  );
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
