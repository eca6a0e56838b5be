/**
 * Where an output field comes from, as data: the privacy check follows personal kinds along it.
 *
 * @module
 */
export type Origin =
  /** The same value under the same or another name. */
  | { readonly how: 'copy'; readonly from: readonly string[] }
  /** Computed from these fields; keeps their personal kinds. */
  | { readonly how: 'derive'; readonly from: readonly string[] }
  /** Computed by a named, reviewed method that takes the personal kinds away. */
  | {
      readonly how: 'declassify';
      readonly from: readonly string[];
      readonly method: string;
      readonly parameters: Parameters;
    };

/** Of a method, as plain JSON: they are shown to the reviewer and are part of the plan's hash. */
export type Parameters = { readonly [name: string]: unknown };

/** By stream, by field. A field that is not named counts as derived from all that the bolt reads. */
export type Lineage = { readonly [stream: string]: { readonly [field: string]: Origin } };

export const copy = (field: string): Origin => ({ how: 'copy', from: [field] });

export const derive = (...fields: string[]): Origin => ({ how: 'derive', from: fields });

/**
 * @param method by which reviews and reports know it; a plan with an empty one is refused
 *
 * @example
 * lineage: { safe: { ip: declassify('ip.truncate', { v4: 24, v6: 48 }, 'ip') } }
 */
export const declassify = (
  method: string,
  parameters: Parameters,
  ...fields: string[]
): Origin => ({
  how: 'declassify',
  from: fields,
  method,
  parameters,
});
