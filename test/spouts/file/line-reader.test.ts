import { closeSync, openSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BatchPool } from '../../../spouts/file/batch-pool.js';
import { LineReader } from '../../../spouts/file/line-reader.js';
import type { Range } from '../../../spouts/file/ranges.js';
import { contents, inFolder, lineOf, linesOf, messagesOf, type Message } from './support.js';

const ALL: Range = { start: 0, from: 0, end: Infinity };

function readRange(
  path: string,
  range: Range,
  limit: number,
  maxLineBytes: number,
  pool: BatchPool,
): Message[] {
  const fd = openSync(path, 'r');
  const reader = new LineReader(
    { fd, path, source: 's', partition: 'p' },
    range,
    { maxLineBytes, limit, whole: true },
    pool,
  );
  const messages: Message[] = [];
  for (let batch = reader.next(); batch; batch = reader.next()) {
    messages.push(...messagesOf(batch));
    pool.give(batch);
  }
  closeSync(fd);
  return messages;
}

test('ranges read each line once, wherever they are cut and however small a batch is', () =>
  inFolder((folder) => {
    const path = join(folder, 'a');
    const cuts = fc.array(fc.nat(200), { maxLength: 5 });
    const sizes = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(contents(), cuts, sizes, sizes, (content, at, batchBytes, maxLineBytes) => {
        writeFileSync(path, content);
        const ends = [0, ...at.filter((cut) => cut < content.length), content.length].sort(
          (a, b) => a - b,
        );
        const pool = new BatchPool(batchBytes, 1);
        const messages = ends.slice(1).flatMap((end, i) => {
          const start = ends[i]!;
          return start < end
            ? readRange(path, { start, from: start, end }, content.length, maxLineBytes, pool)
            : [];
        });
        expect(messages.map(lineOf)).toEqual(linesOf(content, maxLineBytes));
      }),
      { numRuns: 500 },
    );
  }));

test('reading goes on at the position after any line', () =>
  inFolder((folder) => {
    const path = join(folder, 'a');
    fc.assert(
      fc.property(contents(60), fc.nat(), (content, pick) => {
        writeFileSync(path, content);
        const pool = new BatchPool(16, 1);
        const all = readRange(path, ALL, content.length, 8, pool);
        if (all.length === 0) return;
        const done = (pick % all.length) + 1;
        const rest = readRange(
          path,
          { ...ALL, from: all[done - 1]!.position },
          content.length,
          8,
          pool,
        );
        expect(rest).toEqual(all.slice(done));
      }),
    );
  }));

test('a line over the limit is rejected with its first bytes, and the next line is read', () =>
  inFolder((folder) => {
    const path = join(folder, 'a');
    const content = Buffer.from(`${'x'.repeat(1_000_000)}\r\n${'y'.repeat(300_000)}\r\nz\n`);
    writeFileSync(path, content);
    const messages = readRange(path, ALL, content.length, 300_000, new BatchPool());
    expect(messages.map(({ raw, rejected }) => [raw.length, rejected])).toEqual([
      [300_000, 'line too long (over 300000 bytes)'],
      [300_000, undefined],
      [1, undefined],
    ]);
    expect(messages.map(lineOf)).toEqual(linesOf(content, 300_000));
  }));

test('a last line without its newline waits while the file may grow', () =>
  inFolder((folder) => {
    const path = join(folder, 'a');
    writeFileSync(path, 'one\ntw');
    const fd = openSync(path, 'r');
    const pool = new BatchPool();
    const reader = new LineReader(
      { fd, path, source: 's', partition: 'p' },
      ALL,
      { maxLineBytes: 99, limit: 6, whole: false },
      pool,
    );
    expect(messagesOf(reader.next()!).map(({ raw }) => raw)).toEqual(['one']);
    expect(reader.next()).toBeUndefined();
    writeFileSync(path, 'one\ntwo\nthree\n');
    reader.limit = 14;
    expect(messagesOf(reader.next()!).map(({ raw }) => raw)).toEqual(['two', 'three']);
    closeSync(fd);
  }));

test('a file that has become shorter ends where it ends', () =>
  inFolder((folder) => {
    const path = join(folder, 'a');
    writeFileSync(path, 'one\ntwo\nthree\n');
    truncateSync(path, 6);
    expect(readRange(path, ALL, 14, 99, new BatchPool()).map(({ raw }) => raw)).toEqual([
      'one',
      'tw',
    ]);
  }));

test('a full batch is cut after a number of lines, so that its bookkeeping stays small', () =>
  inFolder((folder) => {
    const path = join(folder, 'a');
    writeFileSync(path, '\n'.repeat(20_000));
    const fd = openSync(path, 'r');
    const pool = new BatchPool();
    const reader = new LineReader(
      { fd, path, source: 's', partition: 'p' },
      ALL,
      { maxLineBytes: 99, limit: 20_000, whole: true },
      pool,
    );
    expect([
      reader.next()!.count,
      reader.next()!.count,
      reader.next()!.count,
      reader.next(),
    ]).toEqual([8192, 8192, 3616, undefined]);
    closeSync(fd);
  }));

test('a read error names the file and the byte', () => {
  // Reading one's own memory at 0 is an input/output error on Linux.
  const path = '/proc/self/mem';
  expect(() => readRange(path, { ...ALL, from: 4096 }, 99_999, 99, new BatchPool())).toThrow(
    /^\/proc\/self\/mem: cannot be read at byte 4096: Error: EIO/,
  );
});
