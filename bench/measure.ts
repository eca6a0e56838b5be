/**
 * Runs two variants in turn, A B A B …, each in a process of its own, and takes the ratio pair by pair:
 * what the machine does besides falls on both.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface Comparison {
  readonly ratio: Spread;
  readonly a: Spread;
  readonly b: Spread;
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** A script beside this one with its arguments; it prints a number as the JSON `{ value }`. */
export type Variant = readonly [script: string, ...args: string[]];

export async function compare(a: Variant, b: Variant, rounds: number): Promise<Comparison> {
  const pairs: [number, number][] = [];
  for (let round = 0; round < rounds; round++) pairs.push([await run(a), await run(b)]);
  return {
    ratio: spread(pairs.map(([x, y]) => x / y)),
    a: spread(pairs.map(([x]) => x)),
    b: spread(pairs.map(([, y]) => y)),
  };
}

export async function repeat(variant: Variant, rounds: number): Promise<Spread> {
  const values: number[] = [];
  for (let round = 0; round < rounds; round++) values.push(await run(variant));
  return spread(values);
}

export async function run([script, ...args]: Variant): Promise<number> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--max-semi-space-size=64',
    path,
    ...args,
  ]);
  const { value } = JSON.parse(stdout) as { value: number };
  if (!Number.isFinite(value)) throw new Error(`${script} ${args.join(' ')} measured nothing.`);
  return value;
}

function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((x, y) => x - y);
  const middle = sorted.length >> 1;
  const median =
    sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}
