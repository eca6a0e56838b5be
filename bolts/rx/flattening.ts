/**
 * Operators that make a stream of each value: `mergeMap`, `concatMap`, `switchMap`.
 *
 * A row stays open until its inner stream has ended, and what comes out of that is made of it, whatever
 * operators it has. An inner stream of `Rows`, as of a group, knows its rows itself.
 *
 * @module
 */
import * as rxjs from 'rxjs';
import type { ObservableInput, OperatorFunction } from 'rxjs';
import { Rejected } from '../../topology/dsl/reject.js';
import type { Held, Tracker } from './origins.js';
import { operator, Rows, type Operator } from './rows.js';

/** A promise, an array, an Observable of RxJS; or rows of the same pipe. */
export type Inner<R> = ObservableInput<R> | Rows<R>;

/** All inner streams at once, or `concurrent` of them. */
export const mergeMap = <T, R>(
  project: (value: T, index: number) => Inner<R>,
  concurrent = Infinity,
): Operator<T, R> =>
  flattening(project, (inner) => rxjs.mergeMap(inner, concurrent), cancelledIsFailed);

/** One inner stream after the other. */
export const concatMap = <T, R>(project: (value: T, index: number) => Inner<R>): Operator<T, R> =>
  flattening(project, (inner) => rxjs.concatMap(inner), cancelledIsFailed);

/** The inner stream of the newest value; those before are cancelled, and their rows are done. */
export const switchMap = <T, R>(project: (value: T, index: number) => Inner<R>): Operator<T, R> =>
  flattening(project, (inner) => rxjs.switchMap(inner), cancelledIsDone);

/** A value that waits for its turn or has an inner stream. */
interface Outer<T> {
  readonly value: T;
  readonly held: Held;
}

type Cancelled = (held: Held) => void;
/** Not by its own end: who unsubscribed may subscribe again, and would miss it. */
const cancelledIsFailed: Cancelled = (held) => held.fail('rx-unsubscribed');
const cancelledIsDone: Cancelled = (held) => held.release();

const flattening = <T, R>(
  project: (value: T, index: number) => Inner<R>,
  native: (
    inner: (outer: Outer<T>, index: number) => rxjs.Observable<R>,
  ) => OperatorFunction<Outer<T>, R>,
  cancelled: Cancelled,
): Operator<T, R> =>
  operator((source, tracker) =>
    source.pipe(
      rxjs.map((value) => ({ value, held: tracker.hold() })),
      native(({ value, held }, index) =>
        innerOf(tracker, held, () => project(value, index), cancelled),
      ),
    ),
  );

/** The inner stream; it is made, and its values are pushed, as work on the rows of the outer value. */
const innerOf = <R>(
  tracker: Tracker,
  held: Held,
  make: () => Inner<R>,
  cancelled: Cancelled,
): rxjs.Observable<R> =>
  new rxjs.Observable((subscriber) => {
    let inner: Inner<R>;
    try {
      inner = tracker.run(held.origins, make);
    } catch (error) {
      if (!(error instanceof Rejected && tracker.reject(error, held.origins)))
        return subscriber.error(error);
      held.release();
      return subscriber.complete();
    }
    if (inner instanceof Rows) {
      held.release();
      return Rows.parts(inner).source.subscribe(subscriber);
    }
    let ended = false;
    const subscription = rxjs.from(inner).subscribe({
      next: (value) => tracker.run(held.origins, () => subscriber.next(value)),
      error: (error) => tracker.run(held.origins, () => subscriber.error(error)),
      complete() {
        ended = true;
        subscriber.complete();
        held.release();
      },
    });
    return () => {
      subscription.unsubscribe();
      if (!ended) cancelled(held);
    };
  });
