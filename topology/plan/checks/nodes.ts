/** What can be wrong with a node by itself. @module */
import type { Plan, PlanNode } from '../plan.js';

/** More tasks than this in one topology on one machine is a slip of the finger. */
const TASKS_MAX = 1024;

const NAME = /^[a-zA-Z][a-zA-Z0-9_-]*$/;

/** Names go into metrics, file names and addresses. */
export function badNames(plan: Plan): string[] {
  const named = [
    { what: 'The topology', name: plan.name },
    ...plan.nodes.map(({ role, name }) => ({ what: `The ${role}`, name })),
    ...plan.nodes.flatMap((node) =>
      node.outputs.map(({ stream }) => ({ what: `The stream of "${node.name}"`, name: stream })),
    ),
  ];
  return named
    .filter(({ name }) => !NAME.test(name))
    .map(
      ({ what, name }) =>
        `${what} cannot be named "${name}". Use letters, digits, "-" and "_", and begin with a letter.`,
    );
}

export function duplicateNames({ nodes }: Plan): string[] {
  const twice = nodes.filter(({ name }, i) => nodes.findIndex((other) => other.name === name) < i);
  return [...new Set(twice.map(({ name }) => name))].map((name) => {
    const roles = nodes.filter((node) => node.name === name).map(({ role }) => role);
    return `${roles.length} nodes are named "${name}" (${roles.join(', ')}). Give each a name of its own.`;
  });
}

export const noSpout = ({ nodes }: Plan): string[] =>
  nodes.some(({ role }) => role === 'spout')
    ? []
    : ['There is no spout, so nothing would ever come in. Declare one with t.spout(…).'];

export const badTasks = ({ nodes }: Plan): string[] =>
  nodes
    .filter(({ tasks }) => tasks !== undefined && !isWhole(tasks, 1, TASKS_MAX))
    .map(
      (node) =>
        `${titled(node)} cannot have ${node.tasks} tasks. Give a whole number from 1 to ${TASKS_MAX}.`,
    );

export const badWorkers = ({ nodes }: Plan): string[] =>
  nodes
    .filter(({ worker }) => worker !== undefined && !isWhole(worker, 0, Number.MAX_SAFE_INTEGER))
    .map(
      (node) =>
        `${titled(node)} cannot run in worker ${node.worker}. Workers are counted 0, 1, 2, …`,
    );

const titled = ({ role, name }: PlanNode): string => `The ${role} "${name}"`;

const isWhole = (value: number, min: number, max: number): boolean =>
  Number.isInteger(value) && value >= min && value <= max;
