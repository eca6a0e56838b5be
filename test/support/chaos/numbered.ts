/** Topologies of one's own over numbered lines, `<key> <number>`: what becomes of each number is easily told. @module */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CliRun } from './cli-run.js';

export const KEYS = 97;

/** The beginning of a topology file: `read` emits `items`; `input` and `out` are its parameters. */
export const READ = `
import { z } from 'zod';
import { bolt, declassify, file, int, jsonLines, merge, RawLine, reject, schema, sink, text, topology } from 'squall';
import { reveal } from 'squall/reveal';
import { existsSync, renameSync, writeFileSync } from 'node:fs';

const Item = schema('item', { key: text(), number: int(), sender: int() });
const place = declassify('made-up', {}, 'line');
const read = bolt({
  reads: RawLine,
  emits: { items: Item },
  lineage: { items: { key: place, number: place, sender: place } },
  open: ({ task }) => ({
    process(row, emit) {
      const [key, number] = reveal(row.line).split(' ');
      emit.items({ key, number: Number(number), sender: task });
    },
  }),
});
`;

/** Writes the input and the topology. */
export function writeNumbered(folder: string, topology: string, lines: number): void {
  const numbered = Array.from({ length: lines }, (_, i) => `${keyOf(i)} ${i}\n`);
  writeFileSync(join(folder, 'lines.txt'), numbered.join(''));
  writeFileSync(join(folder, 'topology.mjs'), topology);
}

export const keyOf = (number: number): string => `key-${number % KEYS}`;

export const runNumbered = (folder: string, workers: number, ...more: string[]): CliRun =>
  new CliRun(folder, './topology.mjs', [
    ...['--set', 'input=lines.txt', '--set', 'out=out', '--workers', String(workers)],
    ...more,
  ]);

/** The rows that were stored in `<folder>/out`, or in another folder there. */
export function rowsIn<T>(folder: string, outName = 'out'): T[] {
  const out = join(folder, outName);
  if (!existsSync(out)) return [];
  const files = readdirSync(out).filter((name) => name.endsWith('.jsonl'));
  return files.flatMap((name) =>
    readFileSync(join(out, name), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as T),
  );
}

/** The numbers below `count` that are not among the rows. */
export function missing(rows: readonly { readonly number: number }[], count: number): number[] {
  const there = new Set(rows.map(({ number }) => number));
  return Array.from({ length: count }, (_, i) => i).filter((i) => !there.has(i));
}
