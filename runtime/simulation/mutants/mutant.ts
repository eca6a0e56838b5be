/** A bug, planted from outside: the code that ships knows nothing of it. @module */
import type { Planting } from '../coordinator.js';

export interface Mutant {
  readonly name: string;
  /** Plants it into what all workers share; what it returns takes it out. */
  readonly plant?: () => () => void;
  /** Plants it into what one worker has around it. */
  readonly planting?: Planting;
}

/** Has `target` do something else under a name; what it returns puts it back. */
export function replaced<T extends object, K extends keyof T>(
  target: T,
  name: K,
  make: (original: T[K]) => T[K],
): () => void {
  const original = target[name];
  target[name] = make(original);
  return () => void (target[name] = original);
}
