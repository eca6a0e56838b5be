/** A spout that emits given rows. @module */
import { spout, type Batch, type Spout } from '../../topology/dsl/spout.js';
import type { Emit } from '../../topology/rows/row.js';
import { Pii, seal } from '../../topology/rows/pii.js';
import { fieldsOf, type Schema } from '../../topology/rows/schema.js';

/** A row as tests write it: a sealed field may be given open. */
export type Given = { readonly [field: string]: unknown };

export const rowsSpout = (emits: Schema, rows: readonly Given[]): Spout<object> =>
  spout<object>({
    kind: 'rows',
    emits,
    tasks: 1,
    open({ committed }) {
      let at = committed.get('rows') ?? 0;
      return {
        poll() {
          if (at === rows.length) return 'done';
          const batch = new RowsBatch(emits, rows, at);
          at = rows.length;
          return batch;
        },
      };
    },
  });

class RowsBatch implements Batch<object> {
  readonly partition = 'rows';
  readonly count: number;
  readonly #schema: Schema;
  readonly #rows: readonly Given[];
  readonly #first: number;

  constructor(schema: Schema, rows: readonly Given[], first: number, count = rows.length - first) {
    this.#schema = schema;
    this.#rows = rows;
    this.#first = first;
    this.count = count;
  }

  positionAfter(i: number): number {
    return this.#first + i + 1;
  }

  emit(i: number, emit: Emit<object>): void {
    emit(sealed(this.#schema, this.#rows[this.#first + i]!));
  }

  raw(i: number): Uint8Array {
    return Buffer.from(JSON.stringify(this.#rows[this.#first + i]));
  }

  origin(i: number): { row: number } {
    return { row: this.#first + i };
  }

  extract(i: number): RowsBatch {
    return new RowsBatch(this.#schema, this.#rows, this.#first + i, 1);
  }
}

/** Seals what the schema seals. */
export function sealed(schema: Schema, row: Given): Given {
  const values = fieldsOf(schema).map(([name, { pii }]) => {
    const value = row[name];
    const open =
      pii !== undefined && value !== null && value !== undefined && !(value instanceof Pii);
    return [name, open ? seal(pii, value as string) : value];
  });
  return Object.fromEntries(values);
}
