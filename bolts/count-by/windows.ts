/** Counts by window and key, in memory. @module */
import type { KeyedState } from '../../topology/dsl/state.js';

/** A value to count by. */
export type Key = string | number | boolean | null;

/** How many rows of one key fell into one window since the window was opened. */
export interface Cell {
  /** Unique in its state: a window that is opened again has new cells while the old ones may still be on their way out. */
  readonly id: string;
  /** Where it is kept. */
  readonly state: KeyedState;
  /** Start of the window, milliseconds since 1970. */
  readonly window: number;
  readonly key: Key;
  count: number;
  /** Counted since it was last put into the state. */
  changed: boolean;
  /** Emitted and stored downstream. */
  done: boolean;
}

export class Windows {
  readonly #windows = new Map<number, Map<Key, Cell>>();
  #last: Map<Key, Cell> = new Map();
  #lastWindow = NaN;
  #ids = 0;

  /** The cell of a key in a window; opened if need be, and then kept in what `stateOf` gives. */
  cell(window: number, key: Key, stateOf: () => KeyedState): Cell {
    // Rows in a row mostly fall into one window: spares a map.
    if (window !== this.#lastWindow) this.#turnTo(window);
    return this.#last.get(key) ?? this.#open(window, key, String(this.#ids++), stateOf());
  }

  /** As it was before a restart; false when the cell is open already and took the count over. */
  restore(id: string, state: KeyedState, window: number, key: Key, count: number): boolean {
    this.#ids = Math.max(this.#ids, Number(id) + 1);
    if (window !== this.#lastWindow) this.#turnTo(window);
    const open = this.#last.get(key);
    (open ?? this.#open(window, key, id, state)).count += count;
    return open === undefined;
  }

  /** Closes the windows that start at `last` or before, and hands over their cells. */
  close(last: number): Cell[] {
    const closed: Cell[] = [];
    for (const [window, cells] of this.#windows) {
      if (window > last) continue;
      for (const cell of cells.values()) closed.push(cell);
      this.#windows.delete(window);
    }
    if (closed.length > 0) this.#lastWindow = NaN;
    return closed;
  }

  #turnTo(window: number): void {
    let cells = this.#windows.get(window);
    if (cells === undefined) this.#windows.set(window, (cells = new Map()));
    this.#last = cells;
    this.#lastWindow = window;
  }

  #open(window: number, key: Key, id: string, state: KeyedState): Cell {
    const cell: Cell = { id, state, window, key, count: 0, changed: false, done: false };
    this.#last.set(key, cell);
    return cell;
  }
}
