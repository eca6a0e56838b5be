/**
 * What a pipe is written with: values on their way, and the operators that take them on.
 *
 * Not an `Observable`: an operator of RxJS that keeps values cannot say which rows it keeps, so only
 * operators that tell are accepted, by the compiler and, without one, when the task is opened.
 *
 * @module
 */
import { Observable } from 'rxjs';
import type { Tracker } from './origins.js';

/** Takes values on, as RxJS's `OperatorFunction` does. A function `(rows) => rows.pipe(…)` is one, too. */
export type Operator<T, R> = (rows: Rows<T>) => Rows<R>;

/** The RxJS side of values. */
interface Parts<T> {
  readonly source: Observable<T>;
  readonly tracker: Tracker;
}

/** Values on their way through the pipe of an `rx` bolt. Each knows the input rows it is made of. */
export class Rows<out T> {
  readonly #source: Observable<T>;
  readonly #tracker: Tracker;

  constructor(source: Observable<T>, tracker: Tracker) {
    this.#source = source;
    this.#tracker = tracker;
  }

  /** For operators. */
  static parts<T>(rows: Rows<T>): Parts<T> {
    return { source: rows.#source, tracker: rows.#tracker };
  }

  pipe<A>(a: Operator<T, A>): Rows<A>;
  pipe<A, B>(a: Operator<T, A>, b: Operator<A, B>): Rows<B>;
  pipe<A, B, C>(a: Operator<T, A>, b: Operator<A, B>, c: Operator<B, C>): Rows<C>;
  pipe<A, B, C, D>(
    a: Operator<T, A>,
    b: Operator<A, B>,
    c: Operator<B, C>,
    d: Operator<C, D>,
  ): Rows<D>;
  pipe<A, B, C, D, E>(
    a: Operator<T, A>,
    b: Operator<A, B>,
    c: Operator<B, C>,
    d: Operator<C, D>,
    e: Operator<D, E>,
  ): Rows<E>;
  /** @throws Error when an operator is not one of `squall/rx` */
  pipe(...operators: readonly Operator<never, unknown>[]): Rows<unknown> {
    return operators.reduce<Rows<unknown>>(
      (rows, operator, i) => applied(operator, rows, i + 1),
      this,
    );
  }
}

/** An operator made of RxJS's own; it says to the tracker what it keeps. */
export const operator =
  <T, R>(make: (source: Observable<T>, tracker: Tracker) => Observable<R>): Operator<T, R> =>
  (rows) => {
    const { source, tracker } = Rows.parts(rows);
    return new Rows(make(source, tracker), tracker);
  };

/** RxJS's own throw a TypeError for what is no Observable. */
function applied(
  operator: Operator<never, unknown>,
  rows: Rows<unknown>,
  place: number,
): Rows<unknown> {
  let taken: unknown;
  let cause: unknown;
  try {
    taken = operator(rows as Rows<never>);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    cause = error;
  }
  if (taken instanceof Rows) return taken;
  throw new Error(
    `Operator ${place} of a pipe is none of squall/rx, so nobody could tell which rows it keeps. Import it from squall/rx, or wrap it: passing(operator) if it emits at once what it emits at all, anchored(operator) if it keeps values.`,
    { cause },
  );
}
