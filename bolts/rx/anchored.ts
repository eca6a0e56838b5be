/** Operators that keep values and emit them later. @module */
import * as rxjs from 'rxjs';
import type { OperatorFunction } from 'rxjs';
import { durationMs, type Duration } from '../../topology/dsl/duration.js';
import { RowError } from '../../topology/rows/row-error.js';
import type { Held, Origins, Tracker } from './origins.js';
import { operator, type Operator } from './rows.js';

/** A value that went in and has not been let go. */
interface Entry<T> {
  readonly value: T;
  readonly held: Held;
}

/**
 * An operator of RxJS that keeps values and lets them go in the order in which they came: `delay`,
 * `auditTime`, `sample`, `bufferWhen`, `toArray`.
 *
 * What it emits is made of the values that `valuesIn` finds in it: by default itself or, of an array,
 * its elements. They are told by identity, so they must be the values that went in; of equal numbers or texts the
 * oldest is taken for the one. With them is let go
 * whatever came in before: the operator dropped it. What is left when the operator completes was dropped, too.
 * What holds no value, like an empty buffer, is not emitted.
 *
 * @param valuesIn the values, in the order in which they went in
 *
 * @example
 * const late = anchored(delay<{ id: string }>(1_000));
 */
export const anchored = <T, R>(
  native: OperatorFunction<T, R>,
  valuesIn?: (emitted: R) => readonly T[],
): Operator<T, R> =>
  operator((source, tracker) => keeping(source, tracker, native, valuesIn ?? itself));

/** Emits an array of what came in each period, at its end and at once when there are `countMax`; never an empty one. */
export const bufferTime = <T>(period: Duration, countMax = Infinity): Operator<T, T[]> =>
  operator((source, tracker) =>
    keeping(
      source,
      tracker,
      rxjs.bufferTime<T>(durationMs(period), null, countMax, tracker.scheduler),
      elements,
    ),
  );

/** Emits an array of each `count` values, and of the rest at the end. */
export const bufferCount = <T>(count: number): Operator<T, T[]> =>
  anchored(rxjs.bufferCount<T>(count), elements);

/** Emits an array of all values at the end: of a group, mostly. */
export const toArray = <T>(): Operator<T, T[]> => anchored(rxjs.toArray<T>(), elements);

/** Emits a value when no other came for `quiet`, and the last one at the end. The others are dropped. */
export const debounceTime = <T>(quiet: Duration): Operator<T, T> =>
  operator((source, tracker) => {
    const native = rxjs.debounceTime<T>(durationMs(quiet), tracker.scheduler);
    return keeping(source, tracker, native, (value) => [value], true);
  });

/** Finds the values in what is emitted; it gets all that are kept, too. */
type ValuesIn<T, R> = (emitted: R, entries: readonly Entry<T>[]) => readonly T[];

/** @param lastOnly whether the operator drops what it has when another value comes */
function keeping<T, R>(
  source: rxjs.Observable<T>,
  tracker: Tracker,
  native: OperatorFunction<T, R>,
  valuesIn: ValuesIn<T, R>,
  lastOnly = false,
): rxjs.Observable<R> {
  return new rxjs.Observable((subscriber) => {
    const entries: Entry<T>[] = [];
    const letGo = (gone: readonly Entry<T>[]): void => {
      for (const { held } of gone) held.release();
    };
    const enter = (value: T): void => {
      if (lastOnly) letGo(entries.splice(0));
      entries.push({ value, held: tracker.hold() });
    };
    const emit = (value: R, values: readonly T[]): void => {
      const count = through(entries, values);
      if (count === -1) return subscriber.error(new RowError(NOT_FOUND));
      const gone = entries.splice(0, count);
      if (values.length > 0) tracker.run(originsOf(gone, values), () => subscriber.next(value));
      letGo(gone);
    };
    const subscription = source.pipe(rxjs.tap(enter), native).subscribe({
      next(value) {
        let values: readonly T[];
        try {
          values = valuesIn(value, entries);
        } catch (error) {
          return subscriber.error(error);
        }
        emit(value, values);
      },
      error: (error) => subscriber.error(error),
      complete: () => {
        // First: to complete is to be unsubscribed, and that fails what is left.
        letGo(entries.splice(0));
        subscriber.complete();
      },
    });
    return () => {
      subscription.unsubscribe();
      // Not by its own end: who unsubscribed may subscribe again, and would miss them.
      for (const { held } of entries.splice(0)) held.fail('rx-unsubscribed');
    };
  });
}

const NOT_FOUND =
  'A value came out of an anchored() operator that is made of none that went in, or out of their order. Name its values: anchored(operator, valuesIn).';

/** How many entries there are up to the last of `values`; -1 when one is not there, in their order. */
function through<T>(entries: readonly Entry<T>[], values: readonly T[]): number {
  let at = 0;
  for (const value of values) {
    while (at < entries.length && entries[at]!.value !== value) at++;
    if (at++ === entries.length) return -1;
  }
  return at;
}

function originsOf<T>(entries: readonly Entry<T>[], values: readonly T[]): Origins {
  const within = new Set(values);
  const origins = entries.flatMap(({ value, held }) => (within.has(value) ? held.origins : []));
  return [...new Set(origins)];
}

const elements = <T>(values: readonly T[]): readonly T[] => values;

function itself<T, R>(emitted: R, entries: readonly Entry<T>[]): readonly T[] {
  const isElements =
    Array.isArray(emitted) && !entries.some(({ value }) => Object.is(value, emitted));
  return (isElements ? emitted : [emitted]) as readonly T[];
}
