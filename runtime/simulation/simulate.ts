/**
 * One run of one topology, from a seed: real workers, journals, ledgers and frames on a simulated machine, which
 * faults befall for a while; then it must come to its end, with every promise kept.
 *
 * @module
 */
import { Coordinator } from './coordinator.js';
import { Faults, PLANS, type Fault } from './faults.js';
import { readCommits } from '../state/commits.js';
import { find } from './found.js';
import { STATE } from './places.js';
import { Disk, onlooker } from './machine/disk.js';
import { Network } from './machine/network.js';
import type { Machine } from './machine/process.js';
import { Chance } from './machine/random.js';
import { Timeline } from './machine/timeline.js';
import { Trace } from './machine/trace.js';
import type { Mutant } from './mutants/mutant.js';
import { Oracle } from './oracle.js';
import { builtOf, SHAPES, type Shape } from './workload/shapes.js';
import { partitionsOf } from './workload/source.js';
import { setStage } from './workload/stage.js';

export interface Outcome {
  readonly seed: number;
  /** The promise that was broken, in words; null when all were kept. */
  readonly violation: string | null;
  /** Of everything that happened: the same for the same seed. */
  readonly hash: string;
  /** What happened, when it was asked for. */
  readonly trace: readonly string[];
  readonly shape: string;
  readonly acked: number;
  readonly deadLetters: number;
  readonly hits: ReadonlyMap<Fault, number>;
  readonly events: number;
}

export interface SimulateOptions {
  readonly trace?: boolean;
  /** A bug, to see whether the oracle finds it. */
  readonly mutant?: Mutant;
}

/** From when on there are no faults. */
const FAULTS_MS = 4000;
/** Within which everything must be done then. */
const DRAIN_MS = 180_000;
/** Longer than a run: nothing may need to time out. */
const PATIENT_MS = 600_000;

export async function simulate(seed: number, options: SimulateOptions = {}): Promise<Outcome> {
  const chance = new Chance(seed);
  const shape = chance.pick(SHAPES);
  const plan = chance.pick(PLANS);
  const trace = new Trace(options.trace === true);
  trace.add(0, 'seed', `${seed}: ${shape.name} with ${plan.join(', ') || 'no faults'}`);
  const takeOut = options.mutant?.plant?.();
  const run = new Run(chance, shape, plan, trace, options.mutant);
  const violation = await run.run().finally(() => takeOut?.());
  const { acked, deadLetters } = run;
  return {
    seed,
    violation,
    hash: trace.hash,
    trace: trace.lines,
    shape: shape.name,
    acked,
    deadLetters,
    hits: run.faults.hits,
    events: run.machine.timeline.count,
  };
}

class Run {
  readonly machine: Machine;
  readonly faults: Faults;
  acked = 0;
  deadLetters = 0;
  readonly #shape: Shape;
  readonly #plan: readonly Fault[];
  readonly #coordinator: Coordinator;
  readonly #oracle: Oracle;
  readonly #limits: Map<string, number>;
  /** The power is gone: the disk is to be looked at. */
  #looking = false;

  constructor(
    chance: Chance,
    shape: Shape,
    plan: readonly Fault[],
    trace: Trace,
    mutant: Mutant | undefined,
  ) {
    const timeline = new Timeline(trace);
    const network = new Network(timeline, chance.fork());
    this.machine = { timeline, chance: chance.fork(), disk: new Disk(), network, wallMs: 0 };
    this.#shape = shape;
    this.#plan = plan;
    const workers = chance.int(1, 3);
    const moody = chance.is(0.7);
    const bodyLength = chance.is(0.1) ? shape.largeLength : shape.bodyLength;
    this.#coordinator = new Coordinator({
      machine: this.machine,
      built: builtOf(shape),
      workers,
      planting: mutant?.planting ?? {},
      options: {
        maxSpoutPending: chance.pick([8, 64, 1024]),
        maxAttempts: chance.int(2, 5),
        messageTimeoutMs: timeoutMs(shape, plan, chance),
        acking: true,
      },
      fatal: (message) => this.#oracle.broken(`the run failed: ${message}`),
    });
    const tasksOf = (name: string): number =>
      this.#coordinator.placement.nodes.find((node) => node.name === name)!.taskWorkers.length;
    this.#oracle = new Oracle({
      bodyLength,
      moody,
      exact: plan.length === 0,
      copies: new Map(
        Object.entries(shape.copies).map(([sink, of]) => [sink, of === null ? 1 : tasksOf(of)]),
      ),
    });
    const partitions = Array.from({ length: tasksOf('in') }, (_, task) => partitionsOf(task));
    this.#limits = new Map(partitions.flat().map((each) => [each, chance.int(5, 50)]));
    const { machine } = this;
    setStage({
      chance: chance.fork(),
      oracle: this.#oracle,
      limits: this.#limits,
      gapMs: chance.between(10, 100),
      bodyLength,
      moody,
      nowMs: () => machine.timeline.nowMs,
      processOf: (worker) => this.#coordinator.processOf(worker),
    });
    this.faults = new Faults(machine, this.#coordinator, () => (this.#looking = true));
  }

  /** The promise that was broken, or null. */
  async run(): Promise<string | null> {
    process.on('unhandledRejection', this.#crashed);
    return this.#all().finally(() => process.off('unhandledRejection', this.#crashed));
  }

  async #all(): Promise<string | null> {
    const { timeline } = this.machine;
    this.faults.plan(this.#plan, FAULTS_MS);
    this.#coordinator.start();
    await this.#until(FAULTS_MS, () => false);
    this.faults.end();
    // New messages must get through.
    for (const [partition, limit] of this.#limits) this.#limits.set(partition, limit + 1);
    let drained = false;
    timeline.in(500, null, 'drain', () => this.#lookDrained(() => (drained = true)));
    await this.#until(FAULTS_MS + DRAIN_MS, () => drained);
    if (this.#broken) return this.#oracle.violation;
    if (!drained) return `not everything was done ${DRAIN_MS / 1000} s after the last fault`;
    this.#coordinator.drain();
    await this.#until(timeline.nowMs + DRAIN_MS, () => this.#coordinator.over);
    if (this.#broken) return this.#oracle.violation;
    if (!this.#coordinator.over)
      return `the run did not end ${DRAIN_MS / 1000} s after it was drained`;
    await this.#look(true);
    return this.#oracle.violation;
  }

  get #broken(): boolean {
    return this.#oracle.violation !== null;
  }

  /** Goes on until then, or until `done`, or until a promise is broken. */
  async #until(ms: number, done: () => boolean): Promise<void> {
    const { timeline } = this.machine;
    while (!done() && !this.#broken && timeline.nowMs < ms) {
      try {
        if (!timeline.step()) return;
      } catch (error) {
        this.#crashed(error);
      }
      await allThatFollows();
      if (!this.#looking) continue;
      this.#looking = false;
      await this.#look(false);
    }
  }

  /** As an error that nobody caught ends a process. */
  readonly #crashed = (error: unknown): void =>
    this.#oracle.broken(`a worker was ended by ${error instanceof Error ? error.stack : error}`);

  /** Calls back when all messages are committed; looks again until they are. */
  #lookDrained(drained: () => void): void {
    const store = onlooker(this.machine.disk);
    void readCommits(STATE, 'in', Infinity, store).then(({ positions }) => {
      const all = [...this.#limits].every(([name, limit]) => positions.get(name) === limit);
      if (all) drained();
      else this.machine.timeline.in(500, null, 'drain', () => this.#lookDrained(drained));
    });
  }

  async #look(drained: boolean): Promise<void> {
    const found = await find(onlooker(this.machine.disk), this.#shape.counts && drained).catch(
      (error: unknown) => this.#oracle.broken(`the disk cannot be read: ${String(error)}`),
    );
    if (found === undefined) return;
    if (drained) this.#oracle.lookDrained(found, this.#limits);
    else this.#oracle.look(found);
    for (const position of found.positions.values()) this.acked += drained ? position : 0;
    this.deadLetters = found.letters.size;
    this.acked -= drained ? this.deadLetters : 0;
  }
}

/** Where nothing may need to time out it takes longer than the run; without faults, longer than anything takes. */
function timeoutMs({ direct }: Shape, plan: readonly Fault[], chance: Chance): number {
  if (direct && plan.every((fault) => fault === 'kill')) return PATIENT_MS;
  return plan.length === 0 ? 2000 : chance.int(300, 3000);
}

/** What an event brings about by promises. */
const allThatFollows = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
