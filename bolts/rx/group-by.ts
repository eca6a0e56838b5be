/** Values by key. @module */
import * as rxjs from 'rxjs';
import { Tracker } from './origins.js';
import { operator, Rows, type Operator } from './rows.js';

/** The values of one key. */
export class Group<out K, out T> extends Rows<T> {
  readonly key: K;

  constructor(source: rxjs.GroupedObservable<K, T>, tracker: Tracker) {
    super(source, tracker);
    this.key = source.key;
  }
}

/**
 * Emits a group when the first value of a key comes; read it with `mergeMap`. The value goes into the group.
 *
 * @param until when a group ends: when this emits. The next value of its key opens a new one. It only
 *     says when: it keeps no row open. Without it groups stay until the pipe ends, and so does the memory that they take.
 *
 * @example
 * const lastOfEach = (hits: Rows<{ user: string }>) =>
 *   hits.pipe(
 *     groupBy((hit) => hit.user, (group) => group.pipe(debounceTime('10s'))),
 *     mergeMap((group) => group.pipe(toArray())),
 *   );
 */
export const groupBy = <T, K>(
  key: (value: T) => K,
  until?: (group: Group<K, T>) => Rows<unknown> | rxjs.ObservableInput<unknown>,
): Operator<T, Group<K, T>> =>
  operator((source, tracker) => {
    const untracked = new Tracker(
      tracker.scheduler,
      () => false,
      () => {},
    );
    const duration = (group: rxjs.GroupedObservable<K, T>): rxjs.ObservableInput<unknown> => {
      const end = until!(new Group(group, untracked));
      return end instanceof Rows ? Rows.parts(end).source : end;
    };
    return source.pipe(
      rxjs.groupBy(key, until === undefined ? {} : { duration }),
      rxjs.map((group) => new Group(group, tracker)),
    );
  });
