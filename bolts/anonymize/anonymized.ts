/** What rules a row type may have, and what they leave of it: for the compiler only. @module */
import type { Field } from '../../topology/rows/field.js';
import type { Pii } from '../../topology/rows/pii.js';
import type { Plain } from '../../topology/rows/schema.js';
import type { Fields, Rule, TimeRule } from './rule.js';

/** The rules that the fields of `T` may have: of their kind for sealed ones, `floorTime` for times. */
export type RulesFor<T> = { readonly [F in keyof T]?: RuleFor<T[F]> };

type RuleFor<V> = [V] extends [Pii | null]
  ? Rule<KindOf<V>>
  : [V] extends [number | null]
    ? TimeRule
    : 'only sealed fields and times have rules';

type KindOf<V> = V extends Pii<infer K> ? K : never;

/** What is left of `T` once `Rules` have been applied. */
export type Anonymized<T, Rules> = Plain<Remaining<T, Rules> & Given<Rules>>;

type Remaining<T, Rules> = {
  [
    F in keyof T as F extends keyof Rules ? (EmitsOf<Rules[F]> extends Field ? F : never) : F
  ]: F extends keyof Rules ? ValueOf<EmitsOf<Rules[F]>> | Extract<T[F], null> : T[F];
};

/** The fields that rules give instead of the one they are for. */
type Given<Rules> = { [N in NamesOf<GivenFields<Rules>>]: GivenValue<GivenFields<Rules>, N> };
type GivenFields<Rules> = {
  [F in keyof Rules]: Exclude<EmitsOf<Rules[F]>, Field | 'dropped'>;
}[keyof Rules];
type NamesOf<G> = G extends Fields ? keyof G : never;
type GivenValue<G, N extends PropertyKey> = G extends { readonly [Name in N]: Field<infer V> }
  ? V
  : never;

type EmitsOf<R> = R extends { readonly emits: infer E } ? E : never;
type ValueOf<E> = E extends Field<infer V> ? V : never;
