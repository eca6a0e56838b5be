/** What is on the disk of a simulated machine, read as an operator would. @module */
import { join } from 'node:path';
import { readCommits, type Commits } from '../state/commits.js';
import { deadLetterKey } from '../state/dead-letter-key.js';
import { readJournal } from '../state/journal.js';
import { readSegment, segmentsOf } from '../state/letter-segments.js';
import { whenMissing } from '../state/system-error.js';
import type { Store } from '../store.js';
import { OUT, STATE } from './places.js';
import { atOf, idOf, keyOf } from './workload/message.js';

export interface Found {
  /** Committed, by partition. */
  readonly positions: ReadonlyMap<string, number>;
  readonly logs: readonly (Commits & { readonly name: string })[];
  /** By sink, by message, by the task that it came through: its body. */
  readonly stored: ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<number, string>>>;
  readonly letters: ReadonlyMap<string, { readonly kind: string; readonly raw: string }>;
  /** By key and window; null when nothing is counted. */
  readonly totals: ReadonlyMap<string, number> | null;
  /** The messages that the totals are of. */
  readonly expected: ReadonlyMap<string, readonly string[]>;
  /** What cannot be. */
  readonly strange: string | null;
}

type Row = { partition: string; n: number; body: string; task: number };
type Total = { key: string; window: number; count: number };

export async function find(store: Store, counts: boolean): Promise<Found> {
  const { positions } = await readCommits(STATE, 'in', Infinity, store);
  const stored = new Map<string, Map<string, Map<number, string>>>();
  const totals = new Map<string, number>();
  for (const [sink, record] of await rowsOf(store)) {
    if (sink === 'totals') {
      const { key, window, count }: Total = JSON.parse(String(record));
      add(totals, `${key} ${window}`, count);
    } else {
      const { partition, n, body, task }: Row = JSON.parse(String(record));
      const ids = at(stored, sink, () => new Map<string, Map<number, string>>());
      at(ids, idOf(partition, n), () => new Map<number, string>()).set(task, body);
    }
  }
  const expected = new Map<string, string[]>();
  for (const [partition, position] of positions)
    for (let n = 0; n < position; n++)
      at(expected, `${keyOf(partition, n)} ${atOf(n)}`, () => [] as string[]).push(
        idOf(partition, n),
      );
  const { letters, strange } = await lettersOf(store);
  const logs = await logsOf(store);
  return { positions, logs, stored, letters, strange, totals: counts ? totals : null, expected };
}

async function rowsOf(store: Store): Promise<[sink: string, record: Buffer][]> {
  const files = await store.readdir(OUT).catch(whenMissing([]));
  const rows: [string, Buffer][] = [];
  for (const file of files.filter((name) => name.endsWith('.rows'))) {
    const { records } = await readJournal(join(OUT, file), store);
    for (const record of records) rows.push([file.slice(0, file.lastIndexOf('-')), record]);
  }
  return rows;
}

async function logsOf(store: Store): Promise<Found['logs']> {
  const names = await store.readdir(join(STATE, 'commits')).catch(whenMissing([]));
  const logs: (Commits & { name: string })[] = [];
  for (const name of names.filter((each) => each.endsWith('.log'))) {
    const { records } = await readJournal(join(STATE, 'commits', name), store);
    const positions = new Map<string, number>();
    let counters = { emitted: 0, acked: 0, deadLetters: 0 };
    for (const record of records) {
      const { positions: moved, counters: now } = JSON.parse(String(record));
      for (const [partition, position] of moved) positions.set(partition, position);
      counters = now;
    }
    logs.push({ name, positions, counters });
  }
  return logs;
}

async function lettersOf(store: Store): Promise<Pick<Found, 'letters' | 'strange'>> {
  const letters = new Map<string, { kind: string; raw: string }>();
  let strange: string | null = null;
  const names = await segmentsOf(STATE, store);
  if (names.length === 0) return { letters, strange };
  const key = await deadLetterKey(STATE, store);
  for (const name of names) {
    const read = await readSegment(STATE, name, key, store);
    if (read.damaged.length > 0) strange = `dead letters are damaged: ${read.damaged.join(', ')}`;
    for (const { letter } of read.letters)
      letters.set(idOf(letter.partition, letter.position - 1), {
        kind: letter.reason.kind,
        raw: String(Buffer.from(letter.raw)),
      });
  }
  return { letters, strange };
}

function at<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

const add = (map: Map<string, number>, key: string, by: number): void =>
  void map.set(key, (map.get(key) ?? 0) + by);
