import { describe, expect, test } from '@jest/globals';
import { bolt, type Bolt } from '../../../topology/dsl/bolt.js';
import type { BoltContext } from '../../../topology/dsl/context.js';
import type { StateByKey } from '../../../topology/dsl/state.js';
import { Cluster } from './cluster.js';
import { Numbered, numbers, Store, type Out } from './parts.js';

type Process = (n: number, state: StateByKey, context: BoltContext<Out>) => void;

/** A bolt with state by key; `open` is called before `keyedState` is. */
const keyed = (
  process: Process,
  open: (context: BoltContext<Out>) => void | Promise<unknown> = () => {},
  remembers: 'keyed' | 'nothing' = 'keyed',
): Bolt<Numbered, Out> =>
  bolt<Numbered, Out>({
    reads: Numbered,
    emits: { out: Numbered },
    remembers,
    open: async (context) => {
      await open(context);
      const state = await context.keyedState();
      return {
        process: (row, emit) => {
          process(row.n, state, context);
          emit.out(row);
        },
      };
    },
  });

const running = (
  middle: Bolt<Numbered, Out>,
  how: 'by' | 'shuffle' = 'by',
  store = new Store(),
): Promise<Cluster> =>
  Cluster.start((t) => {
    const numbered = t.spout('in', numbers(20));
    const from = how === 'by' ? numbered.by('n') : numbered.shuffle();
    const { out } = t.bolt('bolt', middle, { from });
    t.sink('store', store.sink(), { from: out.shuffle() });
  });

describe('state by key', () => {
  test('is the same for rows of one key, and another for those of a key of another group', async () => {
    const parts = new Map<number, Set<unknown>>();
    const cluster = await running(
      keyed((n, state) => {
        const part = state.here();
        part.put('n', n % 10);
        parts.set(n, (parts.get(n) ?? new Set()).add(part));
      }),
    );
    await cluster.finish();
    expect([...parts.values()].map(({ size }) => size)).toEqual(Array(20).fill(1));
    expect(new Set([...parts.values()].flatMap((of) => [...of])).size).toBeGreaterThan(15);
    expect(cluster.groups.get('bolt-0')!.length).toBeGreaterThan(15);
  });

  test('is asked for in process, not by a timer or when a message of its own is emitted', async () => {
    const thrown: string[] = [];
    const trying = (state: StateByKey): void => {
      try {
        state.here();
      } catch (error) {
        thrown.push(String(error));
      }
    };
    let late: StateByKey | undefined;
    const cluster = await running(
      keyed(
        (n, state, context) => {
          late = state;
          if (n === 0)
            context.emitting(
              () => trying(state),
              () => {},
              () => {},
            );
        },
        (context) => context.every(10, () => late !== undefined && trying(late)),
      ),
    );
    await cluster.pass(20);
    await cluster.finish();
    // Emitted in process: the row is at hand.
    expect(thrown.length).toBeGreaterThan(0);
    expect(new Set(thrown)).toEqual(new Set(['RowError: here() was called outside of process().']));
  });
});

const nothing: Process = () => {};

test.each([
  ['remembers nothing', keyed(nothing, undefined, 'nothing'), 'by', /declare remembers: 'keyed'/],
  ['gets rows in turn', keyed(nothing), 'shuffle', /rows must come by key/],
  [
    'asks for state of no key',
    keyed(nothing, (context) => context.state()),
    'by',
    /must go where its keys go/,
  ],
] as const)('a bolt that %s is refused when it is opened', async (_, middle, how, why) => {
  await expect(running(middle, how)).rejects.toThrow(why);
});
