import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { VirtualClock } from '../../../runtime/clock.js';
import { OwnMetrics } from '../../../runtime/metrics/own-metrics.js';
import { durably } from '../../../runtime/state/durably.js';
import { forgetDone } from '../../../runtime/state/journal-end.js';
import { LinesReader } from '../../../runtime/state/lines-reader.js';
import { LinesWriter } from '../../../runtime/state/lines-writer.js';
import { journalFolder, PARTITION } from '../../../runtime/state/received.js';
import { failNext, temporaryFolder } from './faults.js';

let folder: string;
let clock: VirtualClock;
let own: OwnMetrics;
const readers: LinesReader[] = [];

beforeEach(async () => {
  folder = await temporaryFolder();
  clock = new VirtualClock(1_480_000_000_000);
  own = new OwnMetrics();
});

afterEach(async () => {
  jest.restoreAllMocks();
  for (const open of readers.splice(0)) open.close();
  await rm(folder, { recursive: true });
});

const MIB = 1024 * 1024;

const writer = (maxBytes = 64 * MIB, committed = 0): Promise<LinesWriter> =>
  LinesWriter.open({
    folder: journalFolder(folder),
    maxBytes,
    committed,
    clock,
    durably: (action) => durably(action, { clock, onStall: () => {}, onResume: () => {} }),
    fatal: (error) => {
      throw error;
    },
  });

async function reader(committed = 0, maxAgeMs = Infinity): Promise<LinesReader> {
  const opened = await LinesReader.open(
    {
      component: 'lines',
      stateDir: folder,
      committed: new Map([[PARTITION, committed]]),
      now: () => clock.now(),
      warn: () => {},
      wake: () => {},
      ...own.of('lines'),
    },
    { maxAgeMs, clock },
  );
  readers.push(opened);
  return opened;
}

interface Read {
  readonly text: string;
  readonly offset: number;
  readonly position: number;
}

/** All that is there; as latin1, so that a difference is readable. */
function readNow(from: LinesReader): Read[] {
  const lines: Read[] = [];
  for (let batch = from.poll(); batch !== 'idle'; batch = from.poll()) {
    for (let i = 0; i < batch.count; i++) {
      const text = Buffer.from(batch.raw(i)).toString('latin1');
      lines.push({ text, offset: batch.origin(i).offset, position: batch.positionAfter(i) });
    }
    from.release(batch);
  }
  return lines;
}

const texts = (lines: readonly Read[]): string[] => lines.map(({ text }) => text);

/** What a journal holds, from the beginning. */
const storedTexts = async (): Promise<string[]> => texts(readNow(await reader()));

/** Each datagram durable in a block of its own. */
async function write(...datagrams: readonly (string | Uint8Array)[]): Promise<void> {
  const to = await writer();
  for (const datagram of datagrams) {
    expect(to.append(Buffer.from(datagram))).toBe(true);
    if (datagram.length > 0) await flushed();
  }
  await to.close();
}

/** After the delay of a group commit, what was appended is stored. */
async function flushed(): Promise<void> {
  const before = bytesOnDisk();
  for (clock.advance(100); bytesOnDisk() === before;) await turn();
}

/** Whoever waits out a full disk waits on the virtual clock. */
async function passing<T>(promise: Promise<T>): Promise<T> {
  let over = false;
  const watched = promise.finally(() => (over = true));
  for (; !over; clock.advance(50)) await turn();
  return watched;
}

const segments = (): string[] =>
  readdirSync(journalFolder(folder))
    .filter((name) => name.endsWith('.lines'))
    .sort();
const segmentPath = (name: string): string => join(journalFolder(folder), name);
const bytesOnDisk = (): number =>
  segments().reduce((sum, name) => sum + statSync(segmentPath(name)).size, 0);
const counted = (name: string): number =>
  own.snapshot().find((series) => series.name === name)?.value ?? 0;

test('datagrams become lines: none glues to another, empty lines are lines, a last one needs no newline', async () => {
  await write('a\nb', 'c', '\n', '', 'd\r\n\ne\n');
  expect(await storedTexts()).toEqual(['a', 'b', 'c', '', 'd', '', 'e']);
});

test('gives back any bytes, with offsets that say where a line is in the journal', async () => {
  const datagrams = fc.array(
    fc
      .array(fc.constantFrom(10, 10, 13, 0, 97, 255), { minLength: 1, maxLength: 40 })
      .map((bytes) => Buffer.from(bytes)),
    { maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(datagrams, fc.nat(), async (all, at) => {
      await rm(journalFolder(folder), { recursive: true, force: true });
      const to = await writer();
      for (const datagram of all) to.append(datagram);
      await to.close();
      const whole = all.map((bytes) => `${bytes.toString('latin1').replace(/\n$/, '')}\n`).join('');
      const lines = whole.split('\n').slice(0, -1);
      const read = readNow(await reader());
      expect(texts(read)).toEqual(lines.map((line) => line.replace(/\r$/, '')));
      for (const { text, offset, position } of read)
        expect(whole.slice(offset, position).replace(/\r?\n$/, '')).toBe(text);
      // From any committed position on.
      const from = at % (read.length + 1);
      const committed = from === 0 ? 0 : read[from - 1]!.position;
      expect(texts(readNow(await reader(committed)))).toEqual(texts(read).slice(from));
    }),
    { numRuns: 50 },
  );
});

test('a line is seen when its group is written, and not before', async () => {
  const to = await writer();
  const from = await reader();
  to.append(Buffer.from('one'));
  expect(readNow(from)).toEqual([]);
  await flushed();
  expect(texts(readNow(from))).toEqual(['one']);
  to.append(Buffer.from('two'));
  expect(readNow(from)).toEqual([]);
  await to.close();
  expect(texts(readNow(from))).toEqual(['two']);
});

test('what is not committed is there again after a restart, before what comes then', async () => {
  await write('one', 'two', 'three');
  const [first] = readNow(await reader());
  const to = await writer(64 * MIB, first!.position);
  to.append(Buffer.from('four'));
  await to.close();
  expect(texts(readNow(await reader(first!.position)))).toEqual(['two', 'three', 'four']);
});

test('a datagram of the largest size, and a longer text, are taken', async () => {
  const large = 'x'.repeat(65_507);
  const longer = 'y'.repeat(3 * MIB);
  const to = await writer();
  for (const text of ['a', large, large, longer, 'b'])
    expect(to.append(Buffer.from(text))).toBe(true);
  await to.close();
  expect(await storedTexts()).toEqual(['a', large, large, longer, 'b']);
});

test('segments are deleted when all of them is committed, but for the last, and give their room back', async () => {
  const line = Buffer.alloc(1000, 'x');
  const to = await writer(MIB);
  const from = await reader();
  let taken = 0;
  for (; to.append(line); taken++) if (taken % 100 === 99) await flushed();
  expect(taken).toBeGreaterThan(800);
  expect(to.append(line)).toBe(false);
  const read = readNow(from);
  const before = segments().length;
  expect(before).toBeGreaterThan(4);
  from.committed(new Map([[PARTITION, read.at(-1)!.position]]));
  expect(segments().length).toBe(1);
  // The next group commit looks.
  while (!to.append(line)) {
    clock.advance(100);
    await turn();
  }
  await to.close();
  expect(read.length + readNow(from).length).toBe(taken + 1);
});

test('a last segment cut at any byte gives whole blocks before the cut, and the journal goes on behind them', async () => {
  await write('one\ntwo', 'three', 'four');
  const path = segmentPath(segments()[0]!);
  const whole = readFileSync(path);
  const prefixes = [0, 2, 3, 4].map((count) => ['one', 'two', 'three', 'four'].slice(0, count));
  const seen = new Set<number>();
  for (let cut = 0; cut <= whole.length; cut++) {
    await rm(segmentPath(segments().at(-1)!));
    writeFileSync(path, whole);
    truncateSync(path, cut);
    const left = await storedTexts();
    expect(prefixes).toContainEqual(left);
    seen.add(left.length);
    const to = await writer();
    to.append(Buffer.from('next'));
    await to.close();
    expect(await storedTexts()).toEqual([...left, 'next']);
    if (segments().length > 1) await rm(segmentPath(segments()[1]!));
  }
  expect([...seen]).toEqual([0, 2, 3, 4]);
  expect(counted('journal_damaged_bytes_total')).toBe(0);
});

test('a reader that waits at a torn first block goes on with what takes its place', async () => {
  await write('one');
  const path = segmentPath(segments()[0]!);
  truncateSync(path, statSync(path).size - 1);
  const from = await reader();
  expect(readNow(from)).toEqual([]);
  await write('two');
  await write('three');
  expect(texts(readNow(from))).toEqual(['two', 'three']);
  expect(counted('journal_damaged_bytes_total')).toBe(0);
});

test('after a long text, blocks are as small as before', async () => {
  const to = await writer();
  to.append(Buffer.alloc(MIB, 'x'));
  for (let i = 0; i < 100; i++) to.append(Buffer.alloc(1000, 'y'));
  await to.close();
  const from = await reader();
  const sizes = [];
  for (let batch = from.poll(); batch !== 'idle'; batch = from.poll()) sizes.push(batch.count);
  expect(sizes).toEqual([1, 65, 35]);
});

test('with any byte flipped, what else is there is read, and what is missing is counted', async () => {
  const blocks = ['one\ntwo', 'three', 'four'];
  await write(...blocks);
  const [name] = segments();
  const whole = readFileSync(segmentPath(name!));
  // The next life begins a segment.
  await write('five');
  const all = ['one', 'two', 'three', 'four', 'five'];
  const bytesOf = (lines: readonly string[]): number =>
    lines.join('\n').length + (lines.length > 0 ? 1 : 0);
  for (let at = 0; at < whole.length; at++) {
    const damaged = Buffer.from(whole);
    damaged[at]! ^= 1 << (at % 8);
    writeFileSync(segmentPath(name!), damaged);
    own = new OwnMetrics();
    const left = await storedTexts();
    expect(left).toEqual(all.filter((line) => left.includes(line)));
    expect(left.at(-1)).toBe('five');
    expect(left.length).toBeLessThan(all.length);
    const missing = all.filter((line) => !left.includes(line));
    expect(counted('journal_damaged_bytes_total')).toBe(bytesOf(missing));
  }
});

test('a damaged block at the end is counted as missing once the journal goes on', async () => {
  await write('one', 'two');
  const path = segmentPath(segments()[0]!);
  const bytes = readFileSync(path);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(path, bytes);
  await write('three');
  expect(await storedTexts()).toEqual(['one', 'three']);
  expect(counted('journal_damaged_bytes_total')).toBe('two\n'.length);
});

test('lines that waited too long are dropped and counted, and a journal full of them has room again', async () => {
  const line = Buffer.alloc(1000, 'x');
  const to = await writer(MIB);
  let taken = 0;
  for (; to.append(line); taken++) if (taken % 100 === 99) await flushed();
  clock.advance(60_001);
  const from = await reader(0, 60_000);
  while (!to.append(Buffer.from('fresh'))) {
    expect(from.poll()).toBe('idle');
    clock.advance(100);
    await turn();
  }
  await to.close();
  expect(texts(readNow(from))).toEqual(['fresh']);
  expect(counted('journal_expired_lines_total')).toBe(taken);
  expect(counted('journal_damaged_bytes_total')).toBe(0);
});

test('lines that waited too long are dropped, and their segments deleted, though nobody asks for lines', async () => {
  const line = Buffer.alloc(1000, 'x');
  const to = await writer(MIB);
  const from = await reader(0, 60_000);
  let taken = 0;
  for (; to.append(line); taken++) if (taken % 100 === 99) await flushed();
  expect(from.poll()).not.toBe('idle');
  clock.advance(30_000);
  expect(counted('journal_expired_lines_total')).toBe(0);
  expect(segments().length).toBeGreaterThan(4);
  clock.advance(31_001);
  await turn();
  expect(segments()).toHaveLength(1);
  expect(counted('journal_expired_lines_total')).toBeGreaterThan(taken - 200);
  await to.close();
});

test('when all is done and nobody writes, nothing of the journal is left, and the next one goes on behind it', async () => {
  await write('one', 'two');
  const path = journalFolder(folder);
  await forgetDone(path, 4);
  expect(texts(readNow(await reader()))).toEqual(['one', 'two']);
  await forgetDone(path, 8);
  expect(segments()).toEqual([]);
  const to = await writer(64 * MIB, 8);
  to.append(Buffer.from('three'));
  await to.close();
  expect(readNow(await reader(8))).toEqual([{ text: 'three', offset: 8, position: 14 }]);
  await forgetDone(join(folder, 'none'), 8);
});

test.each([
  ['write', 'ENOSPC', 5],
  ['datasync', 'EIO', 0],
] as const)(
  'a %s that fails (%s) loses nothing and doubles nothing',
  async (method, code, torn) => {
    const to = await writer();
    to.append(Buffer.from('one'));
    await failNext(method, code, torn);
    clock.advance(100);
    await turn();
    to.append(Buffer.from('two'));
    await passing(to.close());
    expect(await storedTexts()).toEqual(['one', 'two']);
  },
);

test('nothing of a line is on disk in clear, and the key is for this user alone', async () => {
  await write('GET /secret-page');
  for (const name of readdirSync(journalFolder(folder)))
    expect(readFileSync(segmentPath(name)).toString('latin1')).not.toContain('secret');
  expect(statSync(segmentPath('key')).mode & 0o777).toBe(0o600);
});

test('a reader takes no more than its memory allows, and goes on when some is released', async () => {
  const to = await writer(256 * MIB);
  const block = Buffer.alloc(65_000, 'x');
  for (let i = 0; i < 300; i++) to.append(block);
  await to.close();
  const from = await reader();
  const out = [];
  for (let batch = from.poll(); batch !== 'idle'; batch = from.poll()) out.push(batch);
  expect(out.length).toBe(256);
  from.release(out[0]!);
  expect(from.poll()).not.toBe('idle');
  expect(from.poll()).toBe('idle');
});

test('a journal goes on behind what was committed, whatever is left of its files', async () => {
  const to = await writer(64 * MIB, 1000);
  to.append(Buffer.from('one'));
  await to.close();
  expect(readNow(await reader(1000))).toEqual([{ text: 'one', offset: 1000, position: 1004 }]);
});
