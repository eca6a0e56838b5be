/** What an upgrade changes, and whether the state that bolts have kept fits what comes. @module */
import type { Plan, PlanNode } from '../../topology/plan/plan.js';

export interface Compared {
  /** For people, in the order of the plans. */
  readonly changes: readonly string[];
  /** Why kept state cannot go over; empty when it can. */
  readonly problems: readonly string[];
}

/** State belongs to keys: it goes over to a bolt of the same name, kind, parameters and key. */
export function comparePlans(from: Plan, to: Plan): Compared {
  const before = new Map(from.nodes.map((node) => [node.name, node]));
  const after = new Map(to.nodes.map((node) => [node.name, node]));
  const removed = from.nodes.filter(({ name }) => !after.has(name));
  const added = to.nodes.filter(({ name }) => !before.has(name));
  const changes = [
    ...removed.map(({ role, name }) => `${role} "${name}" is removed`),
    ...added.map(({ role, name }) => `${role} "${name}" is added`),
    ...to.nodes.flatMap((node) => {
      const old = before.get(node.name);
      return old === undefined ? [] : changesOf(old, node);
    }),
  ];
  const kept = from.nodes.filter(keepsByKey);
  return { changes, problems: kept.flatMap((node) => problemOf(node, after.get(node.name))) };
}

const keepsByKey = ({ needs = [], remembers }: PlanNode): boolean =>
  remembers === 'keyed' || (remembers === undefined && needs.length > 0);

function changesOf(old: PlanNode, node: PlanNode): string[] {
  const parts: readonly [string, unknown, unknown][] = [
    ['kind', old.kind, node.kind],
    ['parameters', old.parameters, node.parameters],
    ['tasks', old.tasks, node.tasks],
    ['inputs', old.inputs, node.inputs],
    ['fields that it reads', old.reads, node.reads],
    ['streams', old.outputs, node.outputs],
  ];
  const differ = parts.filter(([, a, b]) => JSON.stringify(a) !== JSON.stringify(b));
  return differ.map(([what]) => `${node.role} "${node.name}": its ${what} changed`);
}

function problemOf(old: PlanNode, node: PlanNode | undefined): string[] {
  if (node === undefined) return [`"${old.name}" keeps state by key, and is not there any more`];
  const differ = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b);
  if (old.kind !== node.kind) return [`"${old.name}" keeps state, and is of another kind`];
  if (differ(old.needs, node.needs) || differ(keyTypes(old), keyTypes(node)))
    return [`"${old.name}" keeps state by another key`];
  if (differ(old.parameters, node.parameters))
    return [`"${old.name}" keeps state that it made with other parameters`];
  return [];
}

const keyTypes = ({ needs = [], reads }: PlanNode): (string | undefined)[] =>
  needs.map((name) => reads?.fields[name]?.type);
