/** Runs of `canonicalize` over a file, and what they have stored. @module */
import avro from 'avsc';
import { once } from 'node:events';
import { createWriteStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { readCommits } from '../../../runtime/state/commits.js';
import { generateLines } from '../../../spouts/generate/index.js';
import { CliRun, expectExit } from './cli-run.js';

/** A file of request lines, and what an undisturbed run makes of it. */
export interface Input {
  readonly path: string;
  readonly lines: number;
  /** Each id, numbered. */
  readonly ids: ReadonlyMap<string, number>;
  /** By country and minute. */
  readonly counts: ReadonlyMap<string, number>;
}

export interface Stored {
  readonly rows: number;
  /** How often each id of the input is there. */
  readonly copies: Uint8Array;
  readonly counts: ReadonlyMap<string, number>;
}

/** Writes the lines and runs them once: ids are the same for the same lines of the same file. */
export async function makeInput(folder: string, lines: number): Promise<Input> {
  const path = join(folder, 'lines.log');
  const file = createWriteStream(path);
  for (const piece of generateLines(lines)) if (!file.write(piece)) await once(file, 'drain');
  await new Promise<void>((done) => file.end(done));
  const summary = expectExit(await canonicalize(folder, path).ended, 0);
  expect(summary).toMatchObject({ outcome: 'completed', emitted: lines, restarts: 0 });
  const ids = new Map<string, number>();
  for (const file of await avroFiles(folder))
    for (const id of await idsOf(file)) ids.set(id, ids.size);
  expect(ids.size).toBe(lines);
  return { path, lines, ids, counts: countsIn(folder) };
}

export const canonicalize = (folder: string, input: string, ...more: string[]): CliRun =>
  new CliRun(folder, 'canonicalize', [
    '--set',
    `input=${input}`,
    '--set',
    'out=out',
    '--workers',
    '2',
    ...more,
  ]);

/** What a run in `folder` stored, all of it under final names. @throws Error when a file is torn or an id is not of the input */
export async function storedIn(folder: string, { lines, ids }: Input): Promise<Stored> {
  expect(inProgress(folder)).toEqual([]);
  const copies = new Uint8Array(lines);
  let rows = 0;
  for (const file of await avroFiles(folder)) {
    for (const id of await idsOf(file)) {
      const number = ids.get(id);
      if (number === undefined) throw new Error(`${file} has an id that the input has not.`);
      copies[number]!++;
      rows++;
    }
  }
  return { rows, copies, counts: countsIn(folder) };
}

/** Nothing is missing, and no count is too low. */
export function expectAll({ copies, counts }: Stored, input: Input): void {
  expect(copies.indexOf(0)).toBe(-1);
  const low = [...input.counts].filter(([key, count]) => (counts.get(key) ?? 0) < count);
  expect(low).toEqual([]);
}

/** How many messages the state of the run in `folder` says are done for good. */
export const committedIn = async (folder: string): Promise<number> =>
  (await readCommits(join(folder, 'state'), 'lines')).counters.emitted;

/** How many whole rows there are, also in files that are not finished. */
export async function wholeRowsIn(folder: string): Promise<number> {
  let rows = 0;
  for (const path of filesBelow(join(folder, 'out', 'webrequest')))
    rows += wholeRows(readFileSync(path));
  return rows;
}

const avroFiles = async (folder: string): Promise<string[]> =>
  filesBelow(join(folder, 'out', 'webrequest')).filter((path) => path.endsWith('.avro'));

const inProgress = (folder: string): string[] =>
  ['webrequest', 'counts'].flatMap((name) => filesBelow(join(folder, 'out', name, '.in-progress')));

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

/** Reading one field of 21 takes a quarter of the time, and walks over all of them. */
const ONLY_ID = { type: 'record', name: 'webrequest', fields: [{ name: 'id', type: 'string' }] };

/** @throws Error when the file is no whole container file */
async function idsOf(path: string): Promise<string[]> {
  const ids: string[] = [];
  const decoder = avro.createFileDecoder(path, { readerSchema: ONLY_ID } as never);
  await new Promise((done, failed) => {
    decoder.on('data', ({ id }: { id: string }) => ids.push(id));
    decoder.on('end', done).on('error', failed);
  });
  return ids;
}

function countsIn(folder: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const path of filesBelow(join(folder, 'out', 'counts'))) {
    for (const line of readFileSync(path, 'utf8').trimEnd().split('\n')) {
      const { country_code, window, count } = JSON.parse(line);
      const key = `${country_code} ${window}`;
      counts.set(key, (counts.get(key) ?? 0) + count);
    }
  }
  return counts;
}

const SYNC_BYTES = 16;
const LONG = avro.Type.forSchema('long');
const HEADER = avro.Type.forSchema({
  type: 'record',
  name: 'Header',
  fields: [
    { name: 'magic', type: { type: 'fixed', name: 'Magic', size: 4 } },
    { name: 'meta', type: { type: 'map', values: 'bytes' } },
    { name: 'sync', type: { type: 'fixed', name: 'Sync', size: SYNC_BYTES } },
  ],
});

/** The rows in the whole blocks of a container file that may be torn at its end. */
function wholeRows(bytes: Buffer): number {
  let rows = 0;
  let at = HEADER.decode(bytes, 0).offset;
  while (at >= 0 && at < bytes.length) {
    const count = LONG.decode(bytes, at);
    const length = LONG.decode(bytes, count.offset);
    if (count.offset < 0 || length.offset < 0) break;
    at = length.offset + length.value + SYNC_BYTES;
    if (at <= bytes.length) rows += count.value;
  }
  return rows;
}
