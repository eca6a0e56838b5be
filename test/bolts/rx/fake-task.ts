/** A task of an `rx` bolt with time, holds and emissions in the hands of a test. @module */
import type { AnyBoltTask, Bolt } from '../../../topology/dsl/bolt.js';
import type { Hold } from '../../../topology/dsl/context.js';

/** What the bolt emitted as a message of its own, until it is stored or fails. */
export interface Emission {
  readonly streams: string[];
  readonly values: unknown[];
  readonly done: () => void;
  readonly failed: (code: string) => void;
}

/** What became of a row: `open` when it is held, `done` at the end of its turn, or how its hold was settled. */
export type End = 'open' | 'done' | 'acked' | `failed ${string}` | `threw ${string}`;

export class FakeTask {
  now = 1e12;
  ending = false;
  /** Whether the ledger has no room for messages of the bolt's own. */
  isFull = false;
  /** By the order in which the rows came. */
  readonly ends: End[] = [];
  /** What was emitted in the turn of a row. */
  readonly passed: unknown[] = [];
  readonly emissions: Emission[] = [];
  readonly warnings: string[] = [];
  /** What ticks threw. */
  readonly faults: string[] = [];
  #tick: () => void = () => {};
  #task: AnyBoltTask = {};

  static async open(bolt: Bolt<never, never>): Promise<FakeTask> {
    const task = new FakeTask();
    task.#task = await bolt.open(task.#context() as never);
    return task;
  }

  /** Rows are numbers in a field `n`. */
  process(...numbers: number[]): void {
    for (const n of numbers) this.#process({ n });
  }

  /** Time goes on, in ticks. */
  pass(ms: number): void {
    for (const endMs = this.now + ms; this.now < endMs;) {
      this.now += 50;
      try {
        this.#tick();
      } catch (error) {
        this.faults.push((error as Error).message);
      }
    }
  }

  /** Every message that waits is stored downstream; returns what was in them. */
  store(): unknown[] {
    return this.emissions.splice(0).flatMap(({ values, done }) => {
      done();
      return values;
    });
  }

  close(): void {
    void this.#task.close!();
  }

  #process(row: { n: number }): void {
    const i = this.ends.push('done') - 1;
    const kept = { ...row, keep: () => kept };
    try {
      void this.#task.process!(
        kept,
        this.#emit((_, value) => this.passed.push(value)),
      );
    } catch (error) {
      this.ends[i] = `threw ${(error as Error).name}`;
    }
  }

  #context(): object {
    return {
      now: () => this.now,
      ending: () => this.ending,
      warn: (message: string) => void this.warnings.push(message),
      every: (_: number, call: () => void) => void (this.#tick = call),
      hold: () => this.#hold(this.ends.length - 1),
      emitting: (
        run: (emit: object) => void,
        done: () => void,
        failed: (code: string) => void,
      ): void => {
        if (this.isFull) return failed('ledger-full');
        const emission: Emission = { streams: [], values: [], done, failed };
        run(
          this.#emit((stream, value) => {
            emission.streams.push(stream);
            emission.values.push(value);
          }),
        );
        this.emissions.push(emission);
      },
    };
  }

  #hold(i: number): Hold {
    this.ends[i] = 'open';
    const settle = (end: End): void => {
      if (this.ends[i] !== 'open') throw new Error(`Row ${i} was settled twice.`);
      this.ends[i] = end;
    };
    return { ack: () => settle('acked'), fail: (code) => settle(`failed ${code}`) };
  }

  /** Any stream will do; a value of `'bad'` is refused, as a row without its fields is. */
  #emit(take: (stream: string, value: unknown) => void): object {
    const emitter = (stream: string) => (value: unknown) => {
      if (value === 'bad') throw new RangeError('no row');
      take(stream, value);
    };
    return new Proxy({}, { get: (_, stream) => emitter(String(stream)) });
  }
}

/** Promises that are settled have been heard. */
export const settled = (): Promise<void> => new Promise((done) => setImmediate(done));
