import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { chmod, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deadLetterKey } from '../../../runtime/state/dead-letter-key.js';
import type { DeadLetter } from '../../../runtime/state/dead-letter.js';
import { DeadLetters } from '../../../runtime/state/dead-letters.js';
import { Journal, readJournal } from '../../../runtime/state/journal.js';
import { DeadLettersDamaged, readDeadLetters } from '../../../runtime/state/read-letters.js';
import { failNext, temporaryFolder } from './faults.js';

let folder: string;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  jest.restoreAllMocks();
  await rm(folder, { recursive: true });
});

const letter = (raw: string | Uint8Array, more: Partial<DeadLetter> = {}): DeadLetter => ({
  time: 1_480_000_000_000,
  reason: { kind: 'rejected', component: 'parse', reason: 'no host' },
  attempts: 1,
  spout: 'lines',
  origin: { file: '/var/log/secret-name.log', offset: 12 },
  topology: 'webrequest',
  partition: 'secret-name.log',
  position: 12,
  raw: Buffer.from(raw),
  ...more,
});

async function write(writer: string, ...letters: readonly DeadLetter[]): Promise<void> {
  const out = await DeadLetters.open(folder, writer);
  for (const each of letters) out.append(each);
  await out.close();
}

/** What can be read, and the error at the end. */
async function readAll(): Promise<{ raws: string[]; error: unknown }> {
  const raws: string[] = [];
  try {
    for await (const { raw } of readDeadLetters(folder)) raws.push(Buffer.from(raw).toString());
    return { raws, error: undefined };
  } catch (error) {
    return { raws, error };
  }
}

const segment = (name: string): string => join(folder, 'dead-letters', name);

test('gives back any letter, byte for byte', async () => {
  const letters = fc.array(
    fc.record({
      time: fc.nat(),
      reason: fc.record({
        kind: fc.constantFrom('failed' as const, 'timeout' as const),
        code: fc.string(),
      }),
      attempts: fc.nat(),
      origin: fc.jsonValue(),
      spout: fc.string(),
      topology: fc.string(),
      partition: fc.string({ unit: 'binary' }),
      position: fc.nat(),
      raw: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    }),
    { minLength: 1, maxLength: 4 },
  );
  await fc.assert(
    fc.asyncProperty(letters, async (written) => {
      await rm(join(folder, 'dead-letters'), { recursive: true, force: true });
      await write('worker-0', ...written);
      const read: DeadLetter[] = [];
      for await (const each of readDeadLetters(folder)) read.push(each);
      expect(read).toEqual(
        JSON.parse(JSON.stringify(written)).map((each: object, i: number) => ({
          ...each,
          raw: written[i].raw,
        })),
      );
    }),
    { numRuns: 25 },
  );
});

test('nothing of a letter is on disk in clear', async () => {
  await write('worker-0', letter('GET /secret-page'), letter('GET /secret-page'));
  const bytes = (await readFile(segment('worker-0-1.dlq'))).toString('latin1');
  for (const clear of ['secret', 'parse', 'no host', 'webrequest', 'rejected', '1480000000000'])
    expect(bytes).not.toContain(clear);
  const { records } = await readJournal(segment('worker-0-1.dlq'));
  expect(records[1].subarray(13)).not.toEqual(records[2].subarray(13));
});

test('each writer and each start has a segment of its own, and none without letters', async () => {
  await write('worker-0', letter('a'));
  await write('worker-0', letter('b'));
  await write('worker-1', letter('c'));
  await write('worker-1');
  await write('worker', letter('d'));
  expect((await readdir(join(folder, 'dead-letters'))).sort()).toEqual([
    'worker-0-1.dlq',
    'worker-0-2.dlq',
    'worker-1-1.dlq',
    'worker-1.dlq',
  ]);
  expect((await readAll()).raws.sort()).toEqual(['a', 'b', 'c', 'd']);
});

test('a state folder without letters has none', async () => {
  expect(await readAll()).toEqual({ raws: [], error: undefined });
});

test('what is flushed can be read while the writer goes on', async () => {
  const out = await DeadLetters.open(folder, 'worker-0');
  out.append(letter('a'));
  await out.flush();
  out.append(letter('b'));
  expect((await readAll()).raws).toEqual(['a']);
  await out.close();
  expect((await readAll()).raws).toEqual(['a', 'b']);
});

test('a segment is closed at 64 MiB and the next one begun', async () => {
  const out = await DeadLetters.open(folder, 'worker-0');
  const large = randomBytes(33 * 1024 * 1024);
  for (let i = 0; i < 3; i++) out.append(letter(large));
  const first = out.flush();
  out.append(letter('last'));
  await Promise.all([first, out.flush()]);
  expect((await readdir(join(folder, 'dead-letters'))).sort()).toEqual([
    'worker-0-1.dlq',
    'worker-0-2.dlq',
  ]);
  let bytes = 0;
  for await (const { raw } of readDeadLetters(folder)) bytes += raw.length;
  expect(bytes).toBe(3 * large.length + 'last'.length);
  await out.close();
});

test.each([['write'], ['datasync'], ['sync']] as const)(
  'a flush whose %s fails loses nothing',
  async (method) => {
    const out = await DeadLetters.open(folder, 'worker-0');
    out.append(letter('a'));
    await failNext(method, 'ENOSPC');
    await expect(out.flush()).rejects.toMatchObject({ code: 'ENOSPC' });
    out.append(letter('b'));
    await out.close();
    expect(await readAll()).toEqual({ raws: ['a', 'b'], error: undefined });
  },
);

test('a torn tail is no letter and no error', async () => {
  await write('worker-0', letter('a'), letter('b'));
  const path = segment('worker-0-1.dlq');
  await truncate(path, (await stat(path)).size - 1);
  expect(await readAll()).toEqual({ raws: ['a'], error: undefined });
});

test('a changed byte is named by segment and record; what is before it, and other segments, are read', async () => {
  await write('worker-0', letter('a'), letter('b'), letter('c'));
  await write('worker-1', letter('d'));
  const path = segment('worker-0-1.dlq');
  const bytes = await readFile(path);
  bytes[bytes.indexOf((await readJournal(path)).records[2]) + 20] ^= 1;
  await writeFile(path, bytes);
  const { raws, error } = await readAll();
  expect(raws).toEqual(['a', 'd']);
  expect(error).toBeInstanceOf(DeadLettersDamaged);
  expect(String(error)).toContain('record 2 of worker-0-1.dlq and what follows it');
});

/** Writes a segment again with valid checksums: what someone does who wants not to be noticed. */
async function forge(name: string, change: (records: Buffer[]) => Buffer[]): Promise<void> {
  const { records } = await readJournal(segment(name));
  const { journal } = await Journal.open(segment(name));
  journal.replaceAll(change(records.map((record) => Buffer.from(record))));
  await journal.close();
}

test.each<[string, (records: Buffer[]) => Buffer[], string[], string]>([
  [
    'changed',
    ([head, a, b]) => [head, Buffer.from(a).fill(0, 20, 21), b],
    ['b'],
    'record 1 of worker-0-1.dlq.',
  ],
  ['swapped', ([head, a, b]) => [head, b, a], [], 'record 1 of worker-0-1.dlq and 1 more.'],
  ['left out', ([head, , b]) => [head, b], [], 'record 1 of worker-0-1.dlq.'],
  [
    'shortened',
    ([head, a, b]) => [head, a, b.subarray(0, 5)],
    ['a'],
    'record 2 of worker-0-1.dlq.',
  ],
])('a record that was %s under a valid checksum is noticed', async (_, change, readable, named) => {
  await write('worker-0', letter('a'), letter('b'));
  await forge('worker-0-1.dlq', change);
  const { raws, error } = await readAll();
  expect(raws).toEqual(readable);
  expect(String(error)).toContain(named);
});

test('with another key, or none, nothing is read and the error says so', async () => {
  await write('worker-0', letter('a'));
  await writeFile(join(folder, 'dead-letters.key'), randomBytes(32));
  const other = await readAll();
  expect(other.raws).toEqual([]);
  expect(String(other.error)).toContain(
    'record 1 of worker-0-1.dlq. They were changed after they were written, or dead-letters.key is not the one',
  );
  await rm(join(folder, 'dead-letters.key'));
  expect(String((await readAll()).error)).toContain('no dead-letters.key');
});

test('the key is made once, by whoever is first, for this user alone', async () => {
  const keys = await Promise.all([1, 2, 3, 4].map(() => deadLetterKey(folder)));
  expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
  expect(keys[0]).toHaveLength(32);
  expect((await stat(join(folder, 'dead-letters.key'))).mode & 0o777).toBe(0o600);
});

test('a key that others may read, or of another length, is refused with what to do', async () => {
  const path = join(folder, 'dead-letters.key');
  await writeFile(path, randomBytes(32));
  await chmod(path, 0o640);
  await expect(DeadLetters.open(folder, 'w')).rejects.toThrow(
    `${path} is open to other users (mode 640). Run: chmod 600 ${path}`,
  );
  await writeFile(path, randomBytes(31));
  await chmod(path, 0o600);
  await expect(DeadLetters.open(folder, 'w')).rejects.toThrow('it has 31 bytes, not 32');
});
