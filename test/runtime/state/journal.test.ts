import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Journal, readJournal, scan } from '../../../runtime/state/journal.js';
import { failNext, temporaryFolder } from './faults.js';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder, 'deep', 'down', 'a.log');
});

afterEach(async () => {
  jest.restoreAllMocks();
  await rm(folder, { recursive: true });
});

const payloads = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 8 });

/** What a journal of these records looks like on disk. */
async function fileOf(records: readonly Uint8Array[]): Promise<Buffer> {
  const { journal } = await Journal.open(path);
  journal.replaceAll(records);
  await journal.close();
  return readFile(path);
}

const texts = (records: readonly Buffer[]): string[] => records.map(String);

async function stored(): Promise<string[]> {
  return texts((await readJournal(path)).records);
}

test('what was flushed is there at the next open', async () => {
  const first = await Journal.open(path);
  expect(first).toMatchObject({ records: [], cutBytes: 0 });
  first.journal.append(Buffer.from('one'));
  first.journal.append(Buffer.from('two'));
  await first.journal.flush();
  first.journal.append(Buffer.from('three'));
  await first.journal.close();
  const second = await Journal.open(path);
  expect(texts(second.records)).toEqual(['one', 'two', 'three']);
  second.journal.append(Buffer.from('four'));
  await second.journal.close();
  expect(await stored()).toEqual(['one', 'two', 'three', 'four']);
});

test('the record format is length, CRC-32 and payload, little-endian', async () => {
  expect((await fileOf([Buffer.from('123456789')])).toString('hex')).toBe(
    '09000000' + '2639f4cb' + '313233343536373839',
  );
});

test('a file cut at any byte gives a prefix of the records', async () => {
  await fc.assert(
    fc.asyncProperty(payloads, fc.nat(), async (records, at) => {
      const bytes = await fileOf(records);
      const cut = at % (bytes.length + 1);
      const scanned = scan(bytes.subarray(0, cut));
      const whole = records.filter((_, i) => fileBytes(records.slice(0, i + 1)) <= cut);
      expect(scanned.records.map((r) => [...r])).toEqual(whole.map((r) => [...r]));
      expect(scanned.endBytes + scanned.cutBytes).toBe(cut);
    }),
    { numRuns: 60 },
  );
});

const fileBytes = (records: readonly Uint8Array[]): number =>
  records.reduce((sum, r) => sum + 8 + r.length, 0);

test('a file with any byte flipped gives the records before it', async () => {
  await fc.assert(
    fc.asyncProperty(
      payloads,
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      async (records, at, flip) => {
        fc.pre(records.length > 0);
        const bytes = await fileOf(records);
        const place = at % bytes.length;
        bytes[place] ^= flip;
        const before = records.filter((_, i) => fileBytes(records.slice(0, i + 1)) <= place);
        expect(scan(bytes).records.map((r) => [...r])).toEqual(before.map((r) => [...r]));
      },
    ),
    { numRuns: 60 },
  );
});

test('a torn tail is cut off at open, and appending goes on behind the last good record', async () => {
  const bytes = await fileOf([Buffer.from('good'), Buffer.from('torn away')]);
  await truncate(path, bytes.length - 3);
  const { journal, records, cutBytes } = await Journal.open(path);
  expect([texts(records), cutBytes]).toEqual([['good'], 8 + 'torn away'.length - 3]);
  journal.append(Buffer.from('next'));
  await journal.close();
  expect(await readJournal(path)).toMatchObject({
    records: ['good', 'next'].map((text) => Buffer.from(text)),
    cutBytes: 0,
  });
});

test('a tail of zeros holds no records', async () => {
  const bytes = await fileOf([Buffer.from('good')]);
  await writeFile(path, Buffer.concat([bytes, Buffer.alloc(4096)]));
  expect(await readJournal(path)).toMatchObject({ endBytes: 12, cutBytes: 4096 });
});

test('a changed record is told from a torn one', async () => {
  const bytes = await fileOf([Buffer.from('one'), Buffer.from('two')]);
  expect(scan(bytes)).toMatchObject({ cutBytes: 0, changed: false });
  expect(scan(bytes.subarray(0, -1)).changed).toBe(false);
  bytes[9] ^= 1;
  expect(scan(bytes)).toMatchObject({ cutBytes: 22, changed: true });
});

test('an empty record is refused', async () => {
  const { journal } = await Journal.open(path);
  expect(() => journal.append(Buffer.alloc(0))).toThrow(RangeError);
  await journal.close();
});

test('reading changes nothing, and a missing file is an empty journal', async () => {
  expect(await readJournal(path)).toMatchObject({ records: [], endBytes: 0, cutBytes: 0 });
  const bytes = await fileOf([Buffer.from('good')]);
  await truncate(path, bytes.length - 1);
  expect((await readJournal(path)).cutBytes).toBe(11);
  expect(await readFile(path)).toHaveLength(bytes.length - 1);
});

test.each([
  ['write', 'ENOSPC', 5],
  ['write', 'EIO', 0],
  ['datasync', 'EIO', 0],
  ['sync', 'EIO', 0], // of the folder
] as const)(
  'after a failed %s (%s) the next flush stores everything once',
  async (method, code, torn) => {
    const { journal } = await Journal.open(path);
    journal.append(Buffer.from('first'));
    await failNext(method, code, torn);
    await expect(journal.flush()).rejects.toMatchObject({ code });
    journal.append(Buffer.from('second'));
    expect(journal.bytes).toBe(8 + 5 + 8 + 6);
    await journal.flush();
    await journal.close();
    expect(await stored()).toEqual(['first', 'second']);
  },
);

test('flushes called while one is under way share one write', async () => {
  const { journal } = await Journal.open(path);
  journal.append(Buffer.from('a'));
  const first = journal.flush();
  await Promise.resolve();
  journal.append(Buffer.from('b'));
  const second = journal.flush();
  journal.append(Buffer.from('c'));
  expect(journal.flush()).toBe(second);
  await Promise.all([first, second]);
  expect(await stored()).toEqual(['a', 'b', 'c']);
  await journal.close();
});

test('a failed flush fails its callers only; the one behind it stores both', async () => {
  const { journal } = await Journal.open(path);
  journal.append(Buffer.from('a'));
  await failNext('write', 'ENOSPC', 2);
  const first = journal.flush();
  await Promise.resolve();
  journal.append(Buffer.from('b'));
  const second = journal.flush();
  await expect(first).rejects.toMatchObject({ code: 'ENOSPC' });
  await second;
  expect(await stored()).toEqual(['a', 'b']);
  await journal.close();
});

test('replaceAll makes one new file of its records and what is appended behind', async () => {
  const { journal } = await Journal.open(path);
  journal.append(Buffer.from('old'));
  await journal.flush();
  journal.append(Buffer.from('old, pending'));
  journal.replaceAll([Buffer.from('all')]);
  journal.append(Buffer.from('new'));
  expect(journal.bytes).toBe(8 + 3 + 8 + 3);
  expect(await stored()).toEqual(['old']);
  await journal.flush();
  expect(await stored()).toEqual(['all', 'new']);
  journal.append(Buffer.from('newer'));
  await journal.close();
  expect(await stored()).toEqual(['all', 'new', 'newer']);
  expect(await readdir(join(folder, 'deep', 'down'))).toEqual(['a.log']);
});

test.each([
  ['write', 'ENOSPC'],
  ['datasync', 'EIO'],
  ['sync', 'EIO'],
] as const)(
  'a replacement whose %s fails keeps the old records or has the new ones, and can be repeated',
  async (method, code) => {
    const { journal } = await Journal.open(path);
    const old = 'long enough to be seen behind what is written over it';
    journal.append(Buffer.from(old));
    await journal.flush();
    journal.replaceAll([Buffer.from('all')]);
    await failNext(method, code);
    await expect(journal.flush()).rejects.toMatchObject({ code });
    expect([[old], ['all']]).toContainEqual(await stored());
    journal.append(Buffer.from('new'));
    await journal.close();
    expect(await stored()).toEqual(['all', 'new']);
    expect(await readFile(path)).toHaveLength(2 * (8 + 3));
  },
);

test('a replacement made while a flush fails stands for what that flush held', async () => {
  const { journal } = await Journal.open(path);
  journal.append(Buffer.from('old'));
  await failNext('write', 'ENOSPC');
  const failing = journal.flush();
  await Promise.resolve();
  journal.replaceAll([Buffer.from('all')]);
  await expect(failing).rejects.toMatchObject({ code: 'ENOSPC' });
  await journal.close();
  expect(await stored()).toEqual(['all']);
});
