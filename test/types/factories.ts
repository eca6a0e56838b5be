/** Bolts whose rows are only known where they are called. Nothing here ever runs. @module */
import { bolt, type Bolt } from '../../topology/dsl/bolt.js';
import type { PublicValue } from '../../topology/dsl/sink.js';
import { int, type Field } from '../../topology/rows/field.js';
import type { Pii } from '../../topology/rows/pii.js';
import type { Row } from '../../topology/rows/row.js';
import { schema, type Plain, type Schema } from '../../topology/rows/schema.js';

export function filter<T extends object>(
  reads: Schema<T>,
  keep: (row: Row<T>) => boolean,
): Bolt<T, { kept: T }> {
  return bolt({
    reads,
    emits: { kept: reads },
    process(row, emit) {
      if (keep(row)) emit.kept(row);
    },
  });
}

export function countBy<T extends object, F extends keyof T & string>(
  reads: Schema<T>,
  key: F,
): Bolt<T, { totals: { key: T[F]; n: number } }, `by ${F}`> {
  return bolt({
    reads,
    emits: { totals: schema('totals', { key: reads.fields[key] as Field<T[F]>, n: int() }) },
    needs: [key],
    open: () => ({ process: (row, emit) => emit.totals({ key: row[key], n: 1 }) }),
  });
}

export declare function lookUp<T extends { ip: Pii<'ip'> }>(
  reads: Schema<T>,
): Bolt<T, { located: Plain<Omit<T, 'country'> & { country: string }> }>;

/** The fields of `T` that must not leave the system as they are. */
export type SealedField<T> = { [F in keyof T]: T[F] extends PublicValue ? never : F }[keyof T];

/** What is left of `T` once `Rules` have been applied. */
export type Anonymized<T, Rules> = {
  [
    F in keyof T as F extends keyof Rules ? (Rules[F] extends 'drop' ? never : F) : F
  ]: F extends keyof Rules ? string : T[F];
} & {};

/** Unseals by rule; a sealed field without a rule stays sealed. */
export declare function byRule<
  T extends object,
  const Rules extends { readonly [F in SealedField<T>]?: 'hash' | 'drop' },
>(
  reads: Schema<T>,
  rules: Rules & { readonly [F in Exclude<keyof Rules, SealedField<T>>]: never },
): Bolt<T, { safe: Anonymized<T, Rules> }>;
