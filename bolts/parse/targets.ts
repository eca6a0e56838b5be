/**
 * Which of a schema's fields a format fills, and where they lie in a base.
 *
 * @module
 */
import { fieldsOf, placesOf, type Schema } from '../../topology/rows/schema.js';
import { nearest } from '../../topology/plan/nearest.js';
import type { Field } from '../../topology/rows/field.js';

export interface Target {
  readonly name: string;
  readonly field: Field;
  readonly place: 'span' | 'number';
  readonly index: number;
}

/** The field that tells whether a line has a request line: without a value for it, nullable or not, a line is rejected. */
export const PATH = 'uri_path';

export type Targets = ReadonlyMap<string, Target>;

/** Where each field of `schema` lies, by name. */
export function targetsOf(schema: Schema): Targets {
  const { spans, numbers } = placesOf(schema);
  const target = ([name, field]: [string, Field]): [string, Target] => {
    const index = spans.indexOf(name);
    if (index >= 0) return [name, { name, field, place: 'span', index }];
    return [name, { name, field, place: 'number', index: numbers.indexOf(name) }];
  };
  return new Map(fieldsOf(schema).map(target));
}

/**
 * @param filled fields that the format fills, each time it does
 * @param offered all fields that it could fill
 * @param computed fields that are not in the bytes
 * @throws Error for a field that is filled twice, cannot be read, is not filled and must not be null (a path never is: it says that there was a request line), or is not filled but for a slip in its name
 */
export function checkTargets(
  schema: Schema,
  filled: readonly string[],
  offered: readonly string[],
  computed: ReadonlySet<string>,
): void {
  for (const [i, name] of filled.entries()) {
    if (filled.indexOf(name) !== i) {
      throw new Error(
        `parse: two directives of the format fill "${name}". Give one another field, %{@other}…, or drop it, %{@}….`,
      );
    }
  }
  const unused = offered.filter((name) => name !== '' && !Object.hasOwn(schema.fields, name));
  for (const [name, { type, nullable }] of fieldsOf(schema)) {
    if (filled.includes(name) && (type === 'flag' || type === 'list')) {
      throw new Error(
        `parse: the field "${name}" of ${schema.title} is a ${type}. A log line gives text, bytes, int, float and time.`,
      );
    }
    if (!filled.includes(name) && !computed.has(name) && (!nullable || name === PATH)) {
      const next =
        name === PATH
          ? 'Write %U or "%r" in it, or leave the field out'
          : `Name a directive for it, %{@${name}}…, or make the field nullable`;
      throw new Error(`parse: nothing in the format fills "${name}" of ${schema.title}. ${next}.`);
    }
    // Of a nullable field that is fine, unless it is a slip: it would be null in every row.
    const meant = filled.includes(name) || computed.has(name) ? undefined : nearest(name, unused);
    if (meant !== undefined) {
      throw new Error(
        `parse: nothing in the format fills "${name}" of ${schema.title}. Did you mean "${meant}"?`,
      );
    }
  }
}
