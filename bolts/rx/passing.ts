/** Operators that emit at once, in the call that brings a value, what they emit at all: it is made of the rows at hand. @module */
import * as rxjs from 'rxjs';
import type { OperatorFunction } from 'rxjs';
import { Rejected } from '../../topology/dsl/reject.js';
import { operator, type Operator } from './rows.js';

/**
 * An operator of RxJS that keeps no value: what it emits at all, it emits at once. `distinct`, `skip`
 * and `tap` are such; `pairwise`, `delay` and `bufferCount` are not. That it is one is yours to know: a row
 * that it keeps all the same is acked too early. When a value comes out with no row at hand, the pipe fails and says so.
 *
 * @example
 * const changes = passing(distinctUntilChanged<string>());
 */
export const passing = <T, R>(native: OperatorFunction<T, R>): Operator<T, R> =>
  operator((source) => source.pipe(native));

/** Emits what `project` makes of each value. */
export const map = <T, R>(project: (value: T, index: number) => R): Operator<T, R> =>
  each(() => {
    let index = 0;
    return (value, next) => next(project(value, index++));
  });

/** Emits the values that `keep` takes. A row of which nothing is emitted is done. */
export const filter: Filter = <T>(keep: (value: T, index: number) => boolean): Operator<T, T> =>
  each(() => {
    let index = 0;
    return (value, next) => {
      if (keep(value, index++)) next(value);
    };
  });

interface Filter {
  <T, R extends T>(keep: (value: T, index: number) => value is R): Operator<T, R>;
  <T>(keep: (value: T, index: number) => boolean): Operator<T, T>;
}

/** Emits what `accumulate` makes of what it emitted last and the value: made of the rows at hand alone, as the rest is memory. */
export const scan = <T, R>(
  accumulate: (last: R, value: T, index: number) => R,
  seed: R,
): Operator<T, R> =>
  each(() => {
    let [last, index] = [seed, 0];
    return (value, next) => next((last = accumulate(last, value, index++)));
  });

type Step<T, R> = (value: T, next: (value: R) => void) => void;

/** @param begin called when the pipe is built. When a step rejects the row at hand, the pipe stands. */
const each = <T, R>(begin: () => Step<T, R>): Operator<T, R> =>
  operator(
    (source, tracker) =>
      new rxjs.Observable<R>((subscriber) => {
        const step = begin();
        const next = (value: R): void => subscriber.next(value);
        return source.subscribe({
          next(value) {
            try {
              step(value, next);
            } catch (error) {
              if (!(error instanceof Rejected && tracker.reject(error, tracker.current)))
                subscriber.error(error);
            }
          },
          error: (error) => subscriber.error(error),
          complete: () => subscriber.complete(),
        });
      }),
  );
