import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommitLog } from '../../../runtime/state/commits.js';
import type { DeadLetter } from '../../../runtime/state/dead-letter.js';
import { DeadLetters } from '../../../runtime/state/dead-letters.js';
import { makeFolder } from '../../../runtime/state/folder.js';
import type { KeptLetter } from '../../../runtime/state/letter-segments.js';
import { readSegments, supersededPlaces } from '../../../runtime/state/read-letters.js';
import { purge, removeLetters } from '../../../runtime/state/removed-letters.js';
import {
  partitionOf,
  replayFolder,
  sharesOf,
  writeSelection,
} from '../../../runtime/state/replayed.js';
import { failNext, temporaryFolder } from './faults.js';

let folder: string;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  jest.restoreAllMocks();
  await rm(folder, { recursive: true });
});

const letter = (raw: string, more: Partial<DeadLetter> = {}): DeadLetter => ({
  time: 1_480_000_000_000,
  reason: { kind: 'timeout' },
  attempts: 1,
  spout: 'lines',
  origin: {},
  topology: 'webrequest',
  partition: 'a.log',
  position: 12,
  raw: Buffer.from(raw),
  ...more,
});

async function write(writer: string, ...letters: readonly DeadLetter[]): Promise<void> {
  const out = await DeadLetters.open(folder, writer);
  for (const each of letters) out.append(each);
  await out.close();
}

async function read(): Promise<{ letters: KeptLetter[]; damaged: string[]; torn: boolean }> {
  const all = { letters: [] as KeptLetter[], damaged: [] as string[], torn: false };
  for await (const { letters, damaged, torn } of readSegments(folder)) {
    all.letters.push(...letters);
    all.damaged.push(...damaged);
    all.torn ||= torn;
  }
  return all;
}

const raws = async (): Promise<string[]> =>
  (await read()).letters.map(({ letter: { raw } }) => String(Buffer.from(raw)));

const files = async (): Promise<string[]> => (await readdir(join(folder, 'dead-letters'))).sort();

const segment = (name: string): string => join(folder, 'dead-letters', name);

test('of any letters any are removed, again and again, and the others keep their ids and bytes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.string(), { minLength: 1, maxLength: 5 }), {
        minLength: 1,
        maxLength: 3,
      }),
      fc.array(fc.array(fc.nat(), { maxLength: 4 }), { maxLength: 3 }),
      async (segments, removals) => {
        await rm(join(folder, 'dead-letters'), { recursive: true, force: true });
        for (const [i, texts] of segments.entries())
          await write(`worker-${i}`, ...texts.map((text) => letter(text)));
        let left = new Map(
          (await read()).letters.map((kept) => [kept.id, String(kept.letter.raw)]),
        );
        expect(left.size).toBe(segments.flat().length);
        for (const chosen of removals) {
          const ids = [...left.keys()];
          const places = chosen.flatMap((at) => (ids.length === 0 ? [] : [ids[at % ids.length]!]));
          await removeLetters(folder, places);
          left = new Map([...left].filter(([id]) => !places.includes(id)));
          const { letters, damaged } = await read();
          expect(damaged).toEqual([]);
          expect(new Map(letters.map((kept) => [kept.id, String(kept.letter.raw)]))).toEqual(left);
        }
        const segmentsLeft = new Set([...left.keys()].map((id) => `${id.split('.')[0]}.dlq`));
        expect(new Set(await files())).toEqual(segmentsLeft);
      },
    ),
    { numRuns: 25 },
  );
});

test('what was removed is off the disk, and the place of each other letter is still checked', async () => {
  await write('worker-0', letter('a'.repeat(10_000)), letter('b'), letter('c'));
  const before = await readFile(segment('worker-0-1.dlq'));
  await removeLetters(folder, ['worker-0-1.1']);
  const after = await readFile(segment('worker-0-1.dlq'));
  expect(before.length - after.length).toBeGreaterThan(10_000);
  expect(after.indexOf(before.subarray(100, 116))).toBe(-1);
  expect(await raws()).toEqual(['b', 'c']);
});

test('when the note cannot be stored all letters stay, and the next removal succeeds', async () => {
  await write('worker-0', letter('a'), letter('b'));
  await write('worker-1', letter('c'));
  await failNext('sync', 'ENOSPC');
  await expect(removeLetters(folder, ['worker-0-1.1', 'worker-1-1.1'])).rejects.toThrow('ENOSPC');
  expect(await raws()).toEqual(['a', 'b', 'c']);
  await removeLetters(folder, ['worker-0-1.1', 'worker-1-1.1']);
  expect(await raws()).toEqual(['b']);
  expect(await files()).toEqual(['worker-0-1.dlq']);
});

test('when a segment cannot be written again its letters are gone all the same, and the next purge takes them off the disk', async () => {
  await write('worker-0', letter('a'), letter('b'));
  await write('worker-1', letter('c'), letter('d'));
  const { length } = await readFile(segment('worker-1-1.dlq'));
  // A folder in the place of the first segment: it can be neither read nor written.
  await rm(segment('worker-0-1.dlq'));
  await makeFolder(segment('worker-0-1.dlq'));
  await expect(removeLetters(folder, ['worker-0-1.1', 'worker-1-1.1'])).rejects.toThrow('EISDIR');
  await rm(segment('worker-0-1.dlq'), { recursive: true });
  expect(await raws()).toEqual(['d']);
  expect((await stat(segment('worker-1-1.dlq'))).size).toBe(length);
  await purge(folder);
  expect(await raws()).toEqual(['d']);
  expect((await stat(segment('worker-1-1.dlq'))).size).toBeLessThan(length);
  expect(await files()).toEqual(['worker-1-1.dlq']);
});

test('a torn tail and a damaged record stay as they are beside what is removed', async () => {
  await write('worker-0', letter('a'), letter('b'), letter('c'), letter('torn'));
  const path = segment('worker-0-1.dlq');
  await truncate(path, (await stat(path)).size - 1);
  await removeLetters(folder, ['worker-0-1.2']);
  expect(await raws()).toEqual(['a', 'c']);
  expect((await read()).torn).toBe(true);
  const bytes = await readFile(path);
  bytes[bytes.length - 300] ^= 1;
  await writeFile(path, bytes);
  const { damaged, letters } = await read();
  expect(damaged).toHaveLength(1);
  await removeLetters(
    folder,
    letters.map(({ place }) => place),
  );
  expect(await raws()).toEqual([]);
  expect((await read()).damaged).toEqual(damaged);
});

test('what a replay has committed is removed, though nobody has settled it', async () => {
  await write('worker-0', ...'abcdefg'.split('').map((raw) => letter(raw)));
  await makeFolder(replayFolder(folder));
  const places = Array.from({ length: 7 }, (_, i) => `worker-0-1.${i + 1}`);
  await writeSelection(folder, { lines: places });
  const shares = sharesOf(7, 2);
  expect(shares).toEqual([
    { start: 0, end: 3 },
    { start: 3, end: 7 },
  ]);
  for (const [task, position] of [2, 4].entries()) {
    const log = await CommitLog.open(replayFolder(folder), 'lines', task);
    log.commit(new Map([[partitionOf(shares[task]!), position]]), {
      emitted: 0,
      acked: 0,
      deadLetters: 0,
    });
    await log.close();
  }
  expect(await raws()).toEqual(['c', 'e', 'f', 'g']);
});

test('of a letter that failed again the last one stands, wherever the others lie', async () => {
  await write('worker-0', letter('first'), letter('other'));
  const id = 'worker-0-1.1';
  await write('replay-1-65537', letter('second', { id, replays: 1 }));
  await write('replay-0-131073', letter('third', { id, replays: 2 }));
  expect(await raws()).toEqual(['third', 'other']);
  expect((await read()).letters.map((kept) => kept.id)).toEqual([id, 'worker-0-1.2']);
  const superseded = await supersededPlaces(folder);
  expect(superseded.sort()).toEqual(['replay-1-65537-1.1', 'worker-0-1.1']);
  await removeLetters(folder, superseded);
  expect(await raws()).toEqual(['third', 'other']);
  expect(await supersededPlaces(folder)).toEqual(['worker-0-1.1']);
});
