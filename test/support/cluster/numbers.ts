/**
 * A topology that counts up for ever, at a rate: from how far its sources have committed it is known to the number what
 * must be in its sink, whoever died meanwhile.
 *
 * @module
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCommits } from '../../../runtime/state/commits.js';
import { rowsIn } from '../chaos/numbered.js';

const TOPOLOGY = `
import { z } from 'zod';
import { bolt, int, jsonLines, schema, spout, text, topology } from 'squall';

const Item = schema('item', { key: text(), number: int() });
const Counted = schema('counted', { key: text(), number: int(), task: int() });
const numbers = (ratePerSecond) => spout({
  kind: 'numbers',
  emits: Item,
  open({ task, tasks, committed, wake }) {
    const partition = String(task);
    let next = committed.get(partition) ?? 0;
    const beganMs = performance.now();
    const began = next;
    let timer;
    const batch = (from, count) => ({
      partition,
      count,
      positionAfter: (i) => from + i + 1,
      emit(i, emit) {
        const number = task + (from + i) * tasks;
        emit({ key: 'key-' + (number % ${97}), number });
      },
      raw: (i) => new TextEncoder().encode(String(task + (from + i) * tasks)),
      origin: () => null,
      extract: (i) => batch(from + i, 1),
    });
    return {
      poll() {
        const due = began + Math.floor((performance.now() - beganMs) * ratePerSecond / 1000);
        if (due <= next) {
          clearTimeout(timer);
          timer = setTimeout(wake, 5);
          return 'idle';
        }
        const from = next;
        next = Math.min(due, next + 256);
        return batch(from, next - from);
      },
      close: () => clearTimeout(timer),
    };
  },
});
const params = z.object({ out: z.string(), rate: z.number() });
export default topology('numbers', { params }, (t, { out, rate }) => {
  const items = t.spout('numbers', numbers(rate));
  const count = bolt({
    reads: Item,
    emits: { counted: Counted },
    open: ({ task }) => ({ process: (row, emit) => emit.counted.from(row, { task }) }),
  });
  const { counted } = t.bolt('count', count, { from: items.by('key'), tasks: 2 });
  t.sink('store', jsonLines({ dir: out }), { from: counted.shuffle() });
});
`;

interface Row {
  readonly key: string;
  readonly number: number;
  readonly task: number;
}

/** What became of the numbers. */
export interface Tally {
  /** Those that the sources say are done for good. */
  readonly done: number;
  /** Of these, those that the sink does not have. */
  readonly lost: readonly number[];
  /** Rows that the sink has more than once. */
  readonly duplicates: number;
  /** Keys of which more than one task had rows. */
  readonly shared: readonly string[];
}

/** @returns the path of its file */
export function writeNumbers(folder: string): string {
  const path = join(folder, 'numbers.mjs');
  writeFileSync(path, TOPOLOGY);
  return path;
}

/** @param stateDir of the topology @param out where its sink stores */
export async function tallied(stateDir: string, folder: string, out: string): Promise<Tally> {
  const { positions } = await readCommits(stateDir, 'numbers');
  const rows = rowsIn<Row>(folder, out);
  const stored = new Set(rows.map(({ number }) => number));
  const lost: number[] = [];
  let done = 0;
  for (const [partition, position] of positions) {
    done += position;
    for (let i = 0; i < position; i++) {
      const number = Number(partition) + i * positions.size;
      if (!stored.has(number)) lost.push(number);
    }
  }
  const tasks = new Map<string, Set<number>>();
  for (const { key, task } of rows) tasks.set(key, (tasks.get(key) ?? new Set()).add(task));
  const shared = [...tasks].flatMap(([key, seen]) => (seen.size > 1 ? [key] : []));
  return { done, lost, duplicates: rows.length - stored.size, shared };
}
