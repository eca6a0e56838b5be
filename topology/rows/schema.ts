/** The shape of the rows on a stream. @module */
import { isSpan, type Field } from './field.js';

export interface Schema<out T extends object = object> {
  readonly title: string;
  readonly fields: { readonly [F in keyof T]: Field<T[F]> };
}

/**
 * @throws Error for a name that rows have taken
 *
 * @example
 * const Request = schema('request', { host: text(), status: int(), ip: pii('ip') });
 */
export function schema<T extends object>(
  title: string,
  fields: { readonly [F in keyof T]: Field<T[F]> },
): Schema<T> {
  return checked({ title, fields });
}

/** `base` with more fields, or with some replaced. */
export function extend<T extends object, U extends object>(
  base: Schema<T>,
  fields: { readonly [F in keyof U]: Field<U[F]> },
  title: string = base.title,
): Schema<Plain<Omit<T, keyof U> & U>> {
  return checked({ title, fields: { ...base.fields, ...fields } as never });
}

function checked<S extends Schema>(schema: S): S {
  const { fields } = schema;
  const isTaken = (name: string): boolean =>
    TAKEN.has(name) || (name.startsWith('$') && Object.hasOwn(fields, name.slice(1)));
  const taken = Object.keys(fields).find(isTaken);
  if (taken === undefined) return frozen(schema);
  throw new Error(
    `The schema "${schema.title}" has a field "${taken}", but rows have something else of that name. Choose another.`,
  );
}

/** A schema is what the plan was checked by: nobody opens a sealed field afterwards. */
function frozen<S extends Schema>(schema: S): S {
  for (const [, field] of fieldsOf(schema)) Object.freeze(field);
  Object.freeze(schema.fields);
  return Object.freeze(schema);
}

/** What every row has, and what objects treat in a way of their own. Beside a text `host`, rows have a `$host`, too. */
const TAKEN: ReadonlySet<string> = new Set([
  'keep',
  'toObject',
  'toJSON',
  'constructor',
  '__proto__',
]);

/** Spells a row type out, so that hovers show fields and not type operators. */
export type Plain<T> = { [F in keyof T]: T[F] } & {};

/** The values of a schema's rows: `RowOf<typeof Request>`. */
export type RowOf<S> = S extends Schema<infer T> ? T : never;

/** Field names with their types, in declaration order. */
export const fieldsOf = (schema: Schema): [string, Field][] =>
  Object.entries(schema.fields as Record<string, Field>);

/** Where a schema's fields lie in a base: span field i at `spans[spanAt + 2i]`, number field j at `numbers[numberAt + j]`. */
export function placesOf(schema: Schema): { spans: string[]; numbers: string[] } {
  const spans: string[] = [];
  const numbers: string[] = [];
  for (const [name, field] of fieldsOf(schema)) (isSpan(field) ? spans : numbers).push(name);
  return { spans, numbers };
}
