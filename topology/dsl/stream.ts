/** Streams as values: what a node wrote, and how it is dealt out to the tasks of the next. @module */
import type { Joined } from './bolt.js';

/** How rows are dealt out; Storm's groupings. */
export type Grouping =
  | { readonly how: 'shuffle' | 'all' | 'global' }
  | { readonly how: 'by' | 'direct'; readonly fields: readonly string[] }
  | { readonly how: 'custom'; readonly choose: (row: never, tasks: number) => number };

export interface Input {
  readonly node: string;
  readonly stream: string;
  readonly grouping: Grouping;
}

/** Rows `T` on their way to a node, dealt out among its tasks in the way `How`. */
export class Edge<out T extends object, out How extends string> {
  /** Carry `T` and `How`; never present at run time. The second is what the compiler misses in a bare stream. */
  declare readonly row: T;
  declare readonly 'a grouping: write stream.shuffle(), .by(…), .all() or .global()': How;
  readonly inputs: readonly Input[];

  constructor(inputs: readonly Input[]) {
    this.inputs = inputs;
  }
}

/** The rows that one node writes under one name. */
export class Stream<out T extends object> {
  /** Carries `T`; never present at run time. */
  declare readonly row: T;
  readonly node: string;
  readonly stream: string;

  constructor(node: string, stream: string) {
    this.node = node;
    this.stream = stream;
  }

  /** To any task, evenly; to a task in the same worker where there is one (Storm's local-or-shuffle). */
  shuffle(): Edge<T, 'shuffle'> {
    return this.#dealt({ how: 'shuffle' });
  }

  /** Rows with equal `fields` go to the same task. */
  by<const F extends readonly [keyof T & string, ...(keyof T & string)[]]>(
    ...fields: F
  ): Edge<T, `by ${Joined<F>}`> {
    return this.#dealt({ how: 'by', fields });
  }

  /** To every task. */
  all(): Edge<T, 'all'> {
    return this.#dealt({ how: 'all' });
  }

  /** To task 0. */
  global(): Edge<T, 'global'> {
    return this.#dealt({ how: 'global' });
  }

  /** To the task whose number stands in the int `field`: the bolt that emits decides. A number out of range fails the row. */
  direct<F extends string>(
    this: Stream<T & { readonly [N in F]: number }>,
    field: F,
  ): Edge<T, 'direct'> {
    return this.#dealt({ how: 'direct', fields: [field] });
  }

  /** To the task that `choose` names, in [0, tasks). The same row must always give the same number. */
  custom(choose: (row: T, tasks: number) => number): Edge<T, 'custom'> {
    return this.#dealt({ how: 'custom', choose });
  }

  #dealt<How extends string>(grouping: Grouping): Edge<T, How> {
    return new Edge([{ node: this.node, stream: this.stream, grouping }]);
  }
}

/** Several inputs as one. */
export function merge<T extends object, How extends string>(
  ...edges: readonly Edge<T, How>[]
): Edge<T, How> {
  return new Edge(edges.flatMap((edge) => edge.inputs));
}
