/**
 * What may be done to one sealed field, as data for the plan and as code for the bolt.
 *
 * A rule names its reviewed method (`ip.truncate`) and its parameters, so that the report and the
 * approval show them; parameters are plain JSON and never hold a key, only its id (`key-id.ts`).
 *
 * @module
 */
import type { Parameters } from '../../topology/dsl/lineage.js';
import { reject } from '../../topology/dsl/reject.js';
import type { Field, FieldType } from '../../topology/rows/field.js';
import type { Pii, PiiKind } from '../../topology/rows/pii.js';
import type { Text } from '../../topology/rows/text.js';

/**
 * What a rule puts in the place of a field: a value (a field of the same name, null where the sealed one
 * may be null), several new fields, or nothing.
 */
export type Emits = Field<string | null> | Fields | 'dropped';
export type Fields = { readonly [field: string]: Field };

/** A rule for sealed fields of the kinds `K`. */
export interface Rule<in K extends PiiKind = never, out E extends Emits = Emits> {
  /** The name by which reviews, reports and the lineage know the method. */
  readonly method: string;
  readonly parameters: Parameters;
  /** The types of fields that it can read. */
  readonly reads: readonly FieldType[];
  readonly emits: E;
  /** With these parameters a value may stay as it was: what comes out counts as personal, and no sink takes it. */
  readonly leavesWhole?: boolean;
  /** Makes the function that is called for each row. It refuses by `reject`: nothing passes unchanged. */
  readonly compile: (field: RuledField) => (value: Pii<K> | null) => Replacement;
}

/** A rule for a field that is not sealed but tells much in full: a time. */
export interface TimeRule {
  readonly method: string;
  readonly parameters: Parameters;
  readonly reads: readonly ['time'];
  readonly emits: Field<number>;
  readonly leavesWhole?: never;
  readonly compile: (field: RuledField) => (value: number | null) => number | null;
}

/** A value, or one for each of several new fields. */
export type Replacement = string | Text | null | { readonly [field: string]: string | null };

export interface RuledField {
  readonly name: string;
  readonly nullable: boolean;
}

/** Whether a text says that there is no value: empty, or the `-` of log formats. */
export const isNothing = (bytes: Uint8Array, start: number, end: number): boolean =>
  start === end || (bytes[start] === DASH && end - start === 1);

/** What a method gives for nothing: null, or a refusal where the field always has a value. */
export function nothing(field: RuledField): null {
  return field.nullable ? null : reject(`${field.name}: no value`);
}

const DASH = 45;
