/**
 * How rows look to the compiler. The classes behind them are generated (`row-class.ts`).
 *
 * A row is a view: `row.host` decodes on access, `row.$host` is the undecoded text, `row.ip` is
 * sealed, numbers were parsed once. It lives until `process` returns.
 *
 * @module
 */
import type { Base } from './base.js';
import type { Text } from './text.js';

declare const ROW: unique symbol;
declare const KEPT: unique symbol;

/** What every row has beside its fields. */
export declare class Live<out T extends object> {
  /** Carries `T`; never present at run time. */
  readonly [ROW]: T;
  /** A plain object of all fields, decoded; sealed fields stay sealed. */
  toObject(): T;
}

/** A row in `process`. Reading it after `process` has returned throws a RowError. */
export type Row<T extends object> = { readonly [F in keyof T]: T[F] } & Undecoded<T> &
  Live<T> & {
    /** A copy that lives as long as you hold it: for windows, state and async work. */
    keep(): Kept<T>;
  };

/** A row that owns its bytes. Async bolts and those with `keeps: true` get these. */
export type Kept<T extends object> = { readonly [F in keyof T]: T[F] } & Undecoded<T> &
  Live<T> & { readonly [KEPT]: true; keep(): Kept<T> };

type Undecoded<T> = {
  readonly [F in keyof T & string as Extract<T[F], string> extends never ? never : `$${F}`]:
    | Text
    | Extract<T[F], null>;
};

/** What may be given for a field of type `V`: a text also undecoded. */
export type Put<V> = V extends string ? string | Text : V;

/** A new row, field by field. */
export type New<T> = { readonly [F in keyof T]: Put<T[F]> } & {
  readonly [ROW]?: 'a row was spread: write emit.<stream>.from(row, { … })';
};

/** What `from` needs beside a row of `S` to make a row of `T`: the rest, and whatever is to be replaced. */
export type Added<T, S> = {
  readonly [F in keyof T as F extends keyof S ? (S[F] extends T[F] ? never : F) : F]: Put<T[F]>;
} & { readonly [F in keyof T & keyof S]?: Put<T[F]> } & {
  readonly [ROW]?: 'a row was spread: write emit.<stream>.from(row, { … })';
};

/** One output stream. What is emitted is anchored to the tuple at hand. Only the stream's own fields are copied. */
export interface Emit<in out T extends object> {
  /** Passes a row on as it is. */
  (row: Live<T>): void;
  /** Emits a new row. @throws RowError when a field is missing or of another type. */
  (row: New<T>): void;
  /** Passes `row` on with fields added or replaced; what is not named is not even decoded. */
  from<S extends object>(row: Live<S>, fields: Added<T, S>): void;
  /**
   * For bolts that cut bytes into fields: a base over the memory of `text` whose spans and numbers
   * the caller fills at `placesOf(schema)`, then calls `cut`. Spans are absolute in `base.bytes`.
   */
  over(text: object): Base;
  /** Emits what `over` prepared, with the fields that are not in the bytes. */
  cut(fields: { readonly [F in keyof T]?: Put<T[F]> }): void;
}
