/**
 * Brings the rows of one output stream to the tasks that read it.
 *
 * @module
 */
import { streamSchema } from '../../topology/plan/stream-schema.js';
import { generated } from '../../topology/rows/generate.js';
import { perLayout } from '../../topology/rows/access.js';
import { RowError } from '../../topology/rows/row-error.js';
import type { Schema } from '../../topology/rows/schema.js';
import type { PlacedEdge } from '../planner/place.js';
import { GROUPS } from '../planner/shares.js';
import type { Core } from './core.js';
import { hashBy } from './hash.js';
import { HELD } from './routes.js';

/** Takes a row for one task. */
export type Accept = (row: object) => void;

/** The local tasks of a node, by task number; empty where a task is elsewhere. */
export type LocalTasks = (node: number) => readonly (Accept | undefined)[];

/** One function that counts and hands each row to every reader of the stream; made for this stream, so that its calls have one target each. @param output which of the bolt's streams it is; -1 for a spout's, which counts messages */
export function delivery(
  core: Core,
  from: number,
  edges: readonly number[],
  local: LocalTasks,
  output: number,
): Accept {
  const targets = edges.map((edge) => target(core, edge, local));
  const names = targets.map((_, i) => `target${i}`);
  const source = `return (row) => { if (visit.slot < 0) late(); ${output < 0 ? '' : `emitted[${output}]++;`} ${names.map((name) => `${name}(row);`).join(' ')} };`;
  const scope = Object.fromEntries(targets.map((each, i) => [names[i]!, each]));
  return generated(
    source,
    { ...scope, emitted: core.counters.streams[from], visit: core.visit, late },
    `deliver-${core.nameOf(from)}`,
  );
}

function late(): never {
  throw new RowError(
    'A row was emitted when process() had returned. Declare keeps: true and return a promise, or use context.emitting.',
  );
}

function target(core: Core, number: number, local: LocalTasks): Accept {
  const edge = core.placement.edges[number]!;
  const accepts = local(edge.to);
  const here = accepts.filter((accept) => accept !== undefined);
  // A task that was added has no reader beside it where there was none of its kind.
  if (edge.fused && here.length > 0) return here.length === 1 ? here[0]! : inTurn(here);
  const send = sender(core, number, edge, accepts);
  return choosing(core, edge, send);
}

function inTurn(accepts: readonly Accept[]): Accept {
  let next = 0;
  return (row) => {
    const accept = accepts[next]!;
    next = next + 1 === accepts.length ? 0 : next + 1;
    accept(row);
  };
}

type Send = (row: object, task: number) => void;

/** Hands a row to a task wherever it is. */
function sender(
  core: Core,
  number: number,
  edge: PlacedEdge,
  accepts: readonly (Accept | undefined)[],
): Send {
  const { visit, ledger, ports, options } = core;
  const route = core.routes[edge.to]!;
  const writers = perLayout((layout) => layout.imageWriter(travelling(core, edge)));
  return (row, task) => {
    const accept = accepts[task];
    if (accept !== undefined) return accept(row);
    const outbox = ports.outbox(route.taskWorkers[task]!);
    if (!outbox.connected) return void (visit.failure ??= { kind: 'worker-lost' });
    visit.open();
    outbox.row(number, task, visit, visit.edgeHigh, visit.edgeLow, visit.group, writers(row), row);
    if (visit.worker === options.worker) ledger.sentAway(visit.slot, visit.generation);
  };
}

function choosing(core: Core, edge: PlacedEdge, send: Send): Accept {
  const route = core.routes[edge.to]!;
  const tasks = route.taskWorkers.length;
  const { how, fields } = edge.grouping;
  const checked: Send = (row, task) => {
    if (Number.isInteger(task) && task >= 0 && task < tasks) return send(row, task);
    core.failVisit(edge.from, {
      kind: 'failed',
      component: core.nameOf(edge.from),
      code: 'no-such-task',
    });
  };
  if (how === 'global') return (row) => send(row, 0);
  if (how === 'all') return (row) => range(tasks).forEach((task) => send(row, task));
  if (how === 'direct') return (row) => checked(row, (row as Record<string, number>)[fields![0]!]!);
  if (how === 'custom') {
    const choose = customChoice(core, edge);
    return (row) => checked(row, choose(row, tasks));
  }
  if (how === 'by') return byKey(core, edge, hashBy(fields!), send);
  let next = core.options.worker % tasks;
  return (row) => {
    if (next >= route.dealt) next = 0;
    send(row, next++);
  };
}

function byKey(
  core: Core,
  { from, to }: PlacedEdge,
  hash: (row: object) => number,
  send: Send,
): Accept {
  const { visit } = core;
  const route = core.routes[to]!;
  const { groups } = route;
  const accept = (row: object): void => {
    const group = hash(row) & (GROUPS - 1);
    const task = groups[group]!;
    if (task === HELD) return route.keep(core, from, row, accept);
    visit.group = group + 1;
    send(row, task);
  };
  return accept;
}

/** What of a stream's rows travels on an edge: the fields that its reader declares, and no others. */
export function travelling(core: Core, edge: PlacedEdge): Schema {
  const reader = core.built.components.get(core.nameOf(edge.to))!;
  return reader.role === 'bolt' ? reader.component.reads : writtenOn(core, edge);
}

/** The schema of the rows that a stream has. */
export const writtenOn = (core: Core, { from, stream }: PlacedEdge): Schema =>
  streamSchema(core.built.components.get(core.nameOf(from))!, stream);

function customChoice(
  core: Core,
  { from, stream, to }: PlacedEdge,
): (row: object, tasks: number) => number {
  const { inputs } = core.built.components.get(core.nameOf(to))!;
  const input = inputs.find((each) => each.node === core.nameOf(from) && each.stream === stream);
  if (input?.grouping.how !== 'custom') throw new Error('A custom grouping lost its function.');
  return input.grouping.choose as (row: object, tasks: number) => number;
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
