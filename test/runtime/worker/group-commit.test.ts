import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { VirtualClock } from '../../../runtime/clock.js';
import {
  GROUP_COMMIT_BYTES_MAX,
  GROUP_COMMIT_DELAY_MS,
  GroupCommit,
} from '../../../runtime/worker/group-commit.js';

/** A store whose writes end when the test says so. */
class Store {
  readonly clock = new VirtualClock();
  readonly commit = new GroupCommit(this.clock, () => this.#write());
  /** Things added, by number, that no write has begun for. */
  readonly waiting: { readonly number: number; readonly sinceMs: number }[] = [];
  readonly stored: number[] = [];
  writes = 0;
  underWay = 0;
  #end: () => void = () => {};
  #number = 0;

  add(bytes = 0): void {
    this.waiting.push({ number: this.#number++, sinceMs: this.clock.monotonicMs() });
    this.commit.add(bytes);
  }

  get added(): number {
    return this.#number;
  }

  async end(): Promise<void> {
    this.#end();
    await new Promise(setImmediate);
  }

  async #write(): Promise<void> {
    this.writes++;
    expect(++this.underWay).toBe(1);
    const taken = this.waiting.splice(0).map(({ number }) => number);
    await new Promise<void>((resolve) => (this.#end = resolve));
    this.stored.push(...taken);
    this.underWay--;
  }
}

describe('GroupCommit', () => {
  test('stores everything once and in order, with one write at a time, and lets nothing wait long that could be written', async () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          what: fc.constant('add'),
          bytes: fc.oneof(fc.nat(100), fc.integer({ min: 2e6, max: 5e6 })),
        }),
      },
      { weight: 2, arbitrary: fc.record({ what: fc.constant('pass'), ms: fc.nat(150) }) },
      { weight: 1, arbitrary: fc.record({ what: fc.constant('now') }) },
      { weight: 2, arbitrary: fc.record({ what: fc.constant('end') }) },
    ) as fc.Arbitrary<{ what: 'add' | 'pass' | 'now' | 'end'; bytes: number; ms: number }>;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const store = new Store();
        for (const { what, bytes, ms } of steps) {
          if (what === 'add') store.add(bytes);
          else if (what === 'pass') store.clock.advance(ms);
          else if (what === 'now') store.commit.now();
          else await store.end();
          const oldestMs = store.waiting[0]?.sinceMs ?? Infinity;
          if (store.underWay === 0)
            expect(store.clock.monotonicMs() - oldestMs).toBeLessThan(GROUP_COMMIT_DELAY_MS);
          expect(store.commit.idle).toBe(store.underWay === 0 && store.waiting.length === 0);
        }
        let settled = false;
        void store.commit.settled().then(() => (settled = true));
        for (let i = 0; i < 3; i++) await store.end();
        expect(settled).toBe(true);
        expect(store.stored).toEqual(Array.from({ length: store.added }, (_, i) => i));
      }),
    );
  });

  test('writes when the first thing has waited 100 ms, not when the last has', () => {
    const store = new Store();
    store.add();
    store.clock.advance(GROUP_COMMIT_DELAY_MS - 1);
    store.add();
    expect(store.writes).toBe(0);
    store.clock.advance(1);
    expect(store.writes).toBe(1);
    expect(store.waiting).toEqual([]);
  });

  test('writes at once when 4 MiB wait', () => {
    const store = new Store();
    store.add(GROUP_COMMIT_BYTES_MAX - 1);
    expect(store.writes).toBe(0);
    store.add(1);
    expect(store.writes).toBe(1);
  });

  test('begins no second write for what came while one was under way until it is due itself', async () => {
    const store = new Store();
    store.add();
    store.commit.now();
    store.add();
    await store.end();
    expect(store.writes).toBe(1);
    store.clock.advance(GROUP_COMMIT_DELAY_MS);
    expect(store.writes).toBe(2);
  });

  test('does not write when nothing waits', async () => {
    const store = new Store();
    store.commit.now();
    await store.commit.settled();
    store.clock.advance(1000);
    expect(store.writes).toBe(0);
  });
});
