/**
 * The types of fields, known to the compiler as `T` and at run time as plain data.
 *
 * | field   | in TypeScript            | notes                                              |
 * |---------|--------------------------|----------------------------------------------------|
 * | text    | string, `$name`: Text    | valid UTF-8                                        |
 * | int     | number                   | a whole number within 2^53                         |
 * | float   | number                   | finite                                             |
 * | flag    | boolean                  |                                                    |
 * | bytes   | Uint8Array               |                                                    |
 * | time    | number                   | milliseconds since 1970 UTC (Avro timestamp-millis)|
 * | list    | readonly T[]             |                                                    |
 *
 * @module
 */
import type { Pii, PiiKind } from './pii.js';

export type FieldType = 'text' | 'int' | 'float' | 'flag' | 'bytes' | 'time' | 'list';

export interface Field<out T = unknown> {
  readonly type: FieldType;
  readonly nullable?: true;
  /** The kind of personal data that the raw value is. */
  readonly pii?: PiiKind;
  /** What a list holds. */
  readonly items?: Field;
  /** Characters of a text, bytes of bytes, entries of a list. */
  readonly minLength?: number;
  readonly maxLength?: number;
  /** Bounds of an int, float or time, inclusive. */
  readonly min?: number;
  readonly max?: number;
  /** The only values that a text may have. */
  readonly oneOf?: readonly string[];
  /** Carries `T`; never present at run time. */
  readonly value?: T;
}

/** What `validate` holds a text to. */
export interface TextLimits {
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly oneOf?: readonly string[];
}

/** What `validate` holds a number to, inclusive. */
export interface NumberLimits {
  readonly min?: number;
  readonly max?: number;
}

export const text = (limits: TextLimits = {}): Field<string> => ({ type: 'text', ...limits });
export const int = (limits: NumberLimits = {}): Field<number> => ({ type: 'int', ...limits });
export const float = (limits: NumberLimits = {}): Field<number> => ({ type: 'float', ...limits });
export const flag = (): Field<boolean> => ({ type: 'flag' });
export const bytes = (limits: { maxLength?: number } = {}): Field<Uint8Array> => ({
  type: 'bytes',
  ...limits,
});
/** Milliseconds since 1970 UTC. */
export const time = (limits: NumberLimits = {}): Field<number> => ({ type: 'time', ...limits });

/** May be null. */
export const nullable = <T>(field: Field<T>): Field<T | null> => ({ ...field, nullable: true });

/** @throws Error for a list of bytes or of sealed items: lists travel as JSON */
export function list<T>(items: Field<T>): Field<readonly T[]> {
  if (items.type === 'bytes')
    throw new Error('A list of bytes is not supported; make it a list of text, e.g. base64.');
  if (items.pii !== undefined)
    throw new Error(
      `A list of sealed items is not supported; seal the list: pii('${items.pii}', list(…)).`,
    );
  return { type: 'list', items };
}

/**
 * A raw personal value of `kind`: sealed in rows, and refused by every sink.
 *
 * @example
 * const Request = schema('request', { ip: pii('ip'), userId: pii('user_id', int()), host: text() });
 */
export function pii<K extends PiiKind, T = string>(
  kind: K,
  field: Field<T> = text() as Field<T>,
): Field<Pii<K> | Extract<T, null>> {
  return { ...field, pii: kind } as Field<Pii<K> | Extract<T, null>>;
}

/** Whether the value lies in the bytes of a row (text, bytes, lists) and not among its numbers. */
export const isSpan = (field: Field): boolean =>
  field.type === 'text' || field.type === 'bytes' || field.type === 'list';

/** `text`, `list of int`, `text or null`. */
export function typeText({ type, items, nullable }: Field): string {
  const text = items === undefined ? type : `${type} of ${typeText(items)}`;
  return nullable === true ? `${text} or null` : text;
}
