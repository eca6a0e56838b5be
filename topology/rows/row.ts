/**
 * How rows look to the compiler. The classes behind them are generated (`layout.ts`).
 *
 * A row is a view: `row.host` decodes on access, `row.$host` is the undecoded text, `row.ip` is
 * sealed, numbers were parsed once. It lives until `process` returns.
 *
 * @module
 */
import type { Base } from './base.js';
import type { CUT, OVER } from './cutting.js';
import type { Text } from './text.js';

declare const ROW: unique symbol;
declare const KEPT: unique symbol;

/** A row of any lifetime, as `emit` takes it. A class, so that a spread loses its method and is told from a row. */
export declare class Live<out T extends object> {
  /** A plain object of all fields, decoded; sealed fields stay sealed. */
  toObject(): T;
}

/** A row in `process`. Reading it after `process` has returned throws a RowError. */
export type Row<T extends object> = { readonly [F in keyof T]: T[F] } & Undecoded<T> &
  Live<T> & {
    readonly [ROW]: true;
    /** A copy that lives as long as you hold it: for windows, state and async work. */
    keep(): Kept<T>;
  };

/** A row that owns its bytes. Async bolts and those with `keeps: true` get these. */
export type Kept<T extends object> = { readonly [F in keyof T]: T[F] } & Undecoded<T> &
  Live<T> & { readonly [ROW]: true; readonly [KEPT]: true; keep(): Kept<T> };

type Undecoded<T> = {
  readonly [F in keyof T & string as Extract<T[F], string> extends never ? never : `$${F}`]:
    | Text
    | Extract<T[F], null>;
};

/** What may be given for a field of type `V`: a text also undecoded. */
export type Put<V> = V | TextFor<V>;

type TextFor<V> = V extends string ? Text : never;

/** A new row, field by field. */
export type New<T> = { readonly [F in keyof T]: T[F] | TextFor<T[F]> } & Unspread;

/** What `from` needs beside a row of `S` to make a row of `T`: the rest, and whatever is to be replaced. */
export type Added<T, S> = {
  readonly [F in keyof T as F extends keyof S ? (S[F] extends T[F] ? never : F) : F]:
    | T[F]
    | TextFor<T[F]>;
} & { readonly [F in keyof T & keyof S]?: T[F] | TextFor<T[F]> } & Unspread;

/** A spread row would carry no fields at run time. */
interface Unspread {
  readonly [ROW]?: 'a row was spread: write emit.<stream>.from(row, { … })';
}

/** One output stream. What is emitted is anchored to the tuple at hand. Only the stream's own fields are copied. */
export interface Emit<in out T extends object> {
  /**
   * Passes a row on as it is, or emits a new one. @throws RowError when a field is missing or of another type.
   * One signature with a union, not two: the compiler then names the field and not the overloads.
   */
  (row: Live<T> | New<T>): void;
  /** Passes `row` on with fields added or replaced; what is not named is not even decoded. */
  from<S extends object>(row: Live<S>, fields: Added<T, S>): void;
  /**
   * For bolts that cut bytes into fields: a base over the memory of `text` whose spans and numbers
   * the caller fills at `placesOf(schema)`, then calls `CUT`. Spans are absolute in `base.bytes`.
   */
  [OVER](text: object): Base;
  /**
   * Emits what `OVER` prepared, with the fields that are not in the bytes: the same ones each time, as
   * a field that was given once is looked for among them ever after.
   */
  [CUT](fields: { readonly [F in keyof T]?: Put<T[F]> }): void;
}
