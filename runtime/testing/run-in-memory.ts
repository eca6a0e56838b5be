/**
 * Runs a whole plan in this process with a virtual clock: no workers, no sockets, no files but those
 * that sinks write.
 *
 * @module
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeclaredNode, Topology } from '../../topology/dsl/topology.js';
import { sink, type Sink } from '../../topology/dsl/sink.js';
import type { Kept } from '../../topology/rows/row.js';
import { build, type Built } from '../../topology/plan/build.js';
import { VirtualClock } from '../clock.js';
import { Figures, type ComponentFigures } from '../coordinator/figures.js';
import { levels, place } from '../planner/place.js';
import type { DeadLetter } from '../state/dead-letter.js';
import { GroupJournal } from '../state/group-journal.js';
import { KeyedJournal } from '../state/keyed-journal.js';
import { Outbox } from '../transport/outbox.js';
import { Engine } from '../worker/engine.js';
import { rowsSpout, type Given } from './rows-spout.js';
import { strictBolt } from './strict.js';

export interface MemoryRunOptions {
  readonly parameters?: unknown;
  /** Rows for spouts, by name, instead of their sources. */
  readonly inputs?: { readonly [spout: string]: readonly Given[] };
  /** Whether sinks really open; otherwise the rows they would get are collected. Default false. */
  readonly realSinks?: boolean;
  readonly maxAttempts?: number;
  readonly messageTimeoutMs?: number;
  /** The virtual clock's start, in milliseconds since 1970. */
  readonly startMs?: number;
  /** Where state is kept; by default in a folder that is gone after the run. */
  readonly stateDir?: string;
}

export interface MemoryRun {
  /** The rows that each sink got, as plain objects; sealed fields cannot be among them. */
  readonly sinks: { readonly [name: string]: readonly Given[] };
  readonly deadLetters: readonly DeadLetter[];
  readonly components: readonly ComponentFigures[];
  readonly notices: readonly string[];
}

/**
 * @example
 * const { sinks, deadLetters } = await runInMemory(myTopology, { inputs: { lines: [{ line: 'a b c', source: 's', offset: 0 }] } });
 */
export async function runInMemory(
  topology: Topology,
  options: MemoryRunOptions = {},
): Promise<MemoryRun> {
  return runBuilt(build(topology, options.parameters), options);
}

export async function runBuilt(built: Built, options: MemoryRunOptions): Promise<MemoryRun> {
  if (options.stateDir !== undefined) return runIn(options.stateDir, built, options);
  const stateDir = mkdtempSync(join(tmpdir(), 'squall-test-'));
  try {
    return await runIn(stateDir, built, options);
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

async function runIn(
  stateDir: string,
  built: Built,
  options: MemoryRunOptions,
): Promise<MemoryRun> {
  const sinks: Record<string, Given[]> = {};
  const components = new Map(
    [...built.components].map(([name, node]) => [name, replaced(node, options, sinks)]),
  );
  const deadLetters: DeadLetter[] = [];
  const notices: string[] = [];
  const journals: KeyedJournal[] = [];
  const placement = place(built.plan, 1);
  const clock = new VirtualClock(options.startMs);
  const turns: (() => void)[] = [];
  let quiet = false;
  let fault: unknown = null;
  const taskDir = (component: string, task: number): string => {
    const dir = join(stateDir, `${component}-${task}`);
    mkdirSync(dir, { recursive: true });
    return dir;
  };
  const outbox = new Outbox();
  const engine = new Engine(
    { ...built, components },
    placement,
    {
      worker: 0,
      maxSpoutPending: 16_384,
      maxAttempts: options.maxAttempts ?? 5,
      messageTimeoutMs: options.messageTimeoutMs ?? 30_000,
      acking: true,
    },
    {
      clock,
      schedule: (turn) => void turns.push(turn),
      outbox: () => outbox,
      deadLetters: {
        append: (letter) => void deadLetters.push({ ...letter, raw: Buffer.from(letter.raw) }),
        flush: async () => {},
      },
      commits: async () => ({
        positions: new Map(),
        counters: { emitted: 0, acked: 0, deadLetters: 0 },
        commit: () => {},
        flush: async () => {},
      }),
      state: async (component, task) => {
        const journal = await KeyedJournal.open(taskDir(component, task));
        journals.push(journal);
        return journal;
      },
      groups: {
        open: (component, task) => GroupJournal.open(taskDir(component, task)),
        read: (component, task) => GroupJournal.read(taskDir(component, task)),
      },
      stateDir: taskDir,
      stateId: 'test',
      notice: (component, message) => void notices.push(`${component}: ${message}`),
      stalled: () => {},
      quiet: () => void (quiet = true),
    },
  );
  const assignments: Record<string, readonly unknown[]> = {};
  for (const [name, node] of components) {
    if (node.role !== 'spout') continue;
    const { taskWorkers } = placement.nodes.find((each) => each.name === name)!;
    assignments[name] = (await node.component.assign?.(taskWorkers.length, new Map())) ?? [];
  }
  const until = async (done: () => boolean): Promise<void> => {
    for (let idle = 0; !done(); idle++) {
      if (fault !== null) throw fault;
      const turn = turns.shift();
      if (turn !== undefined) turn();
      if (idle % 64 === 0) await new Promise(setImmediate);
      if (turn !== undefined || turns.length > 0) continue;
      // Files and promises of user code get real time before virtual time moves on, or they would look as if they hung.
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (turns.length > 0) continue;
      if (engine.still()) engine.ending();
      clock.advance(VIRTUAL_STEP_MS);
    }
  };
  const all = async <T>(promise: Promise<T>): Promise<T> => {
    let done = false;
    const settled = promise.finally(() => (done = true));
    settled.catch(() => {});
    await until(() => done);
    return settled;
  };
  await engine.open(assignments, (_, error) => (fault = error));
  engine.start();
  await until(() => quiet);
  for (let level = 0; level <= Math.max(...levels(placement)); level++)
    await all(engine.closeLevel(level));
  await all(engine.close());
  for (const journal of journals) await journal.close();
  const figures = new Figures(placement, new Map());
  const { counters, own, load } = engine;
  figures.update(0, {
    counters: counters.snapshot(),
    reasons: [],
    own: own.snapshot(),
    load: { ...load, busyRatio: 0 },
  });
  return { sinks, deadLetters, components: figures.components(), notices };
}

function replaced(
  node: DeclaredNode,
  options: MemoryRunOptions,
  sinks: Record<string, Given[]>,
): DeclaredNode {
  if (node.role === 'bolt') return { ...node, component: strictBolt(node.component) };
  if (node.role === 'spout') {
    const rows = options.inputs?.[node.name];
    if (rows === undefined && node.component.receive !== undefined)
      throw new Error(
        `"${node.name}" receives from outside, which a test run does not: give its rows in inputs.`,
      );
    return rows === undefined
      ? node
      : { ...node, component: rowsSpout(node.component.emits, rows) };
  }
  if (options.realSinks === true) return node;
  const rows: Given[] = (sinks[node.name] = []);
  return { ...node, component: collecting(rows) as Sink<never> };
}

const VIRTUAL_STEP_MS = 10;

/** Takes rows as they are, also sealed ones, which a real sink could not be declared for. */
export const collecting = (rows: object[]): Sink<never> =>
  sink<never>({
    kind: 'collect',
    open: () => ({ write: (row) => void rows.push((row as Kept<object>).keep().toObject()) }),
  });
