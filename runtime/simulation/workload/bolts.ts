/** The bolts of simulated topologies: they reject, throw, wait, stay silent, and tell the oracle what they see. @module */
import { bolt, type Bolt } from '../../../topology/dsl/bolt.js';
import { reject } from '../../../topology/dsl/reject.js';
import type { Context } from '../../../topology/dsl/context.js';
import type { Row } from '../../../topology/rows/row.js';
import { Message, Stored, temperOf } from './message.js';
import { stage } from './stage.js';

/** Passes messages on, stamped with where they came through; rejects what is bad and throws at times. */
export const check = (): Bolt<Message, { good: Message }> =>
  bolt<Message, { good: Message }>({
    reads: Message,
    emits: { good: Message },
    open({ task, worker }) {
      const via = `check-${task} of ${stage().processOf(worker).name}`;
      let nth = 0;
      return {
        process(row, emit) {
          if (stage().moody) meet(row);
          emit.good.from(row, { via, nth: nth++ });
        },
      };
    },
  });

function meet({ partition, n }: Row<Message>): void {
  const temper = temperOf(partition, n);
  if (temper === 'rejected') reject('bad');
  if (temper === 'poison') throw new Error('poison');
  if (temper === 'flaky' && stage().chance.is(0.5)) throw new Error('flaky');
}

/** Waits for a while with each row, and for good with some. */
export const ponder = (): Bolt<Message, { stored: Stored }> =>
  bolt<Message, { stored: Stored }>({
    reads: Message,
    emits: { stored: Stored },
    keeps: true,
    open({ task, worker }) {
      const { clock } = stage().processOf(worker).world;
      return {
        async process(row, emit) {
          const { chance, moody } = stage();
          const { partition, n, body } = row;
          const silent = moody && temperOf(partition, n) === 'silent' && chance.is(0.5);
          await new Promise<void>((resolve) => {
            if (!silent) clock.setTimer(chance.between(1, 30), resolve);
          });
          emit.stored({ partition, n, body, task });
        },
      };
    },
  });

/** Sees that a key has one owner, and that rows of one sender come in order. */
export const owner = (): Bolt<Message, { stored: Stored }, 'by key'> =>
  bolt<Message, { stored: Stored }, readonly ['key']>({
    reads: Message,
    emits: { stored: Stored },
    needs: ['key'],
    open: (context) => ({
      process(row, emit) {
        stage().oracle.owns(row.key, context.task);
        emit.stored(seen(context, row));
      },
    }),
  });

/** The same for rows that go to all tasks. */
export const witness = (): Bolt<Message, { stored: Stored }> =>
  bolt<Message, { stored: Stored }>({
    reads: Message,
    emits: { stored: Stored },
    open: (context) => ({
      process: (row, emit) => emit.stored(seen(context, row)),
    }),
  });

function seen({ component, task, worker }: Context, row: Row<Message>): Stored {
  const { via, nth, partition, n, body } = row;
  const { oracle, processOf } = stage();
  oracle.inOrder(via, `${component}-${task} of ${processOf(worker).name}`, nth);
  return { partition, n, body, task };
}
