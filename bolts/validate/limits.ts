/**
 * The rules that the fields of a schema set for their values, and what a row that breaks one is told.
 *
 * @module
 */
import type { Field } from '../../topology/rows/field.js';
import { fieldsOf, type Schema } from '../../topology/rows/schema.js';

export interface Limits {
  readonly field: Field;
  readonly min: number;
  readonly max: number;
  /** Characters (code points) of a text, bytes of bytes, entries of a list. */
  readonly minLength: number;
  readonly maxLength: number;
  readonly oneOf: readonly string[] | undefined;
  /** Names field and rule, never a value. */
  readonly reason: {
    readonly [rule in 'min' | 'max' | 'minLength' | 'maxLength' | 'oneOf']: string;
  };
}

/** By field name; fields without a rule are left out. */
export function limitsOf(schema: Schema): Map<string, Limits> {
  const ruled = fieldsOf(schema).filter(([, field]) =>
    RULES.some((rule) => field[rule] !== undefined),
  );
  return new Map(ruled.map(([name, field]) => [name, limits(name, field)]));
}

const RULES = ['min', 'max', 'minLength', 'maxLength', 'oneOf'] as const;

function limits(name: string, field: Field): Limits {
  const { min = -Infinity, max = Infinity, minLength = 0, maxLength = Infinity, oneOf } = field;
  const unit = field.type === 'text' ? 'characters' : field.type === 'bytes' ? 'bytes' : 'entries';
  const reason = {
    min: `${name}: below ${min}`,
    max: `${name}: above ${max}`,
    minLength: `${name}: shorter than ${minLength} ${unit}`,
    maxLength: `${name}: longer than ${maxLength} ${unit}`,
    oneOf: `${name}: not one of the allowed values`,
  };
  return { field, min, max, minLength, maxLength, oneOf, reason };
}
