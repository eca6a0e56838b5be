/** A topology as plain data: what the planner, graphs, checks and the workers' guard read. @module */
import type { Lineage } from '../dsl/lineage.js';
import type { Field } from '../rows/field.js';

export interface Plan {
  readonly version: 1;
  readonly name: string;
  readonly parameters: { readonly [name: string]: unknown };
  readonly nodes: readonly PlanNode[];
  /** SHA-256, hex, of the rest as canonical JSON (RFC 8785). */
  readonly hash: string;
}

export interface PlanNode {
  readonly name: string;
  readonly role: 'spout' | 'bolt' | 'sink';
  readonly kind: string;
  readonly parameters?: { readonly [name: string]: unknown };
  /** Absent: one per worker. */
  readonly tasks?: number;
  readonly worker?: number;
  /** The fields a bolt declares to read. A sink reads what it gets. */
  readonly reads?: PlanSchema;
  readonly needs?: readonly string[];
  readonly keeps?: true;
  /** What its tasks know of rows that are done, where it says so. */
  readonly remembers?: 'nothing' | 'keyed';
  readonly inputs: readonly PlanInput[];
  readonly outputs: readonly PlanOutput[];
  readonly lineage?: Lineage;
}

export interface PlanSchema {
  readonly title: string;
  readonly fields: { readonly [name: string]: Field };
}

export interface PlanInput {
  readonly node: string;
  readonly stream: string;
  readonly grouping: PlanGrouping;
}

export interface PlanGrouping {
  readonly how: 'shuffle' | 'by' | 'all' | 'global' | 'direct' | 'custom';
  /** Of `by` and `direct`. */
  readonly fields?: readonly string[];
}

export interface PlanOutput {
  readonly stream: string;
  readonly schema: PlanSchema;
  /** Why nobody reads it. */
  readonly discarded?: string;
}
