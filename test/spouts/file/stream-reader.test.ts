import { PassThrough, Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { BatchPool } from '../../../spouts/file/batch-pool.js';
import { StdinChunks } from '../../../spouts/file/stdin-chunks.js';
import { StreamReader, type Chunks } from '../../../spouts/file/stream-reader.js';
import { contents, lineOf, linesOf, messagesOf, readAll, type Message } from './support.js';

const OF = { path: 'f', source: 's', partition: 'p', from: 0, skip: 0 };

/** Hands `content` out in pieces that end at `cuts`, with an 'idle' before each. */
function inPieces(content: Buffer, cuts: readonly number[], fault?: string): Chunks {
  const ends = [...cuts.filter((cut) => cut < content.length), content.length].sort(
    (a, b) => a - b,
  );
  let at = 0;
  let idle = false;
  return {
    next() {
      idle = !idle;
      if (idle) return 'idle';
      if (ends.length === 0) return 'end';
      const start = at;
      at = ends.shift()!;
      return content.subarray(start, at);
    },
    ...(fault !== undefined && { fault }),
    close: () => undefined,
  };
}

function drain(reader: StreamReader, pool: BatchPool): Message[] {
  const messages: Message[] = [];
  for (let batch = reader.next(); batch !== 'done'; batch = reader.next()) {
    if (batch === 'idle') continue;
    messages.push(...messagesOf(batch));
    pool.give(batch);
  }
  return messages;
}

test('lines are the same however the bytes come in, and go on after any of them', () => {
  const sizes = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(
      contents(),
      fc.array(fc.nat(200)),
      sizes,
      sizes,
      fc.nat(),
      (content, cuts, batchBytes, maxLineBytes, pick) => {
        const pool = new BatchPool(batchBytes, 1);
        const read = (from: number): Message[] =>
          drain(
            new StreamReader(
              inPieces(content, cuts),
              { ...OF, from, skip: from, maxLineBytes },
              pool,
            ),
            pool,
          );
        const all = read(0);
        expect(all.map(lineOf)).toEqual(linesOf(content, maxLineBytes));
        if (all.length === 0) return;
        const done = (pick % all.length) + 1;
        expect(read(all[done - 1]!.position)).toEqual(all.slice(done));
      },
    ),
    { numRuns: 500 },
  );
});

test('a fault is one more message with the line that broke off, until that is done, too', () => {
  const pool = new BatchPool(16, 1);
  const read = (content: string, from: number): Message[] =>
    drain(
      new StreamReader(
        inPieces(Buffer.from(content), [], 'cut'),
        { ...OF, from, skip: from, maxLineBytes: 3 },
        pool,
      ),
      pool,
    );
  const partial = {
    partition: 'p',
    file: 'f',
    offset: 2,
    position: 8,
    raw: 'bcd',
    rejected: 'cut',
  };
  expect(read('a\nbcdef', 0)).toEqual([
    { ...partial, offset: 0, position: 2, raw: 'a', rejected: undefined },
    partial,
  ]);
  expect(read('a\nbcdef', 2)).toEqual([partial]);
  expect(read('a\nbcdef', 8)).toEqual([]);
  expect(read('a\n', 2)).toEqual([{ ...partial, position: 3, raw: '' }]);
  expect(read('a\n', 3)).toEqual([]);
});

test('a stream is read as it comes, says when there is more, and ends where it ends', async () => {
  const stream = new PassThrough();
  const pool = new BatchPool();
  let wake = (): void => undefined;
  const woken = new Promise<void>((resolve) => (wake = resolve));
  const warn = jest.fn();
  const reader = new StreamReader(
    new StdinChunks(stream, () => wake(), warn),
    { ...OF, maxLineBytes: 99 },
    pool,
  );
  expect(reader.next()).toBe('idle');
  stream.write('a\nb');
  await woken;
  const first = reader.next();
  if (typeof first === 'string') throw new Error(first);
  expect(messagesOf(first).map(({ raw }) => raw)).toEqual(['a']);
  stream.end('c\nd');
  const rest = await readAll({
    poll: () => reader.next(),
    release: (batch) => pool.give(batch),
    close: () => reader.close(),
  });
  expect(rest.map(({ raw, offset, position }) => [raw, offset, position])).toEqual([
    ['bc', 2, 5],
    ['d', 5, 6],
  ]);
  expect(warn).not.toHaveBeenCalled();
});

test('a stream of gzip is read as text, with one warning that says what to do', async () => {
  const warn = jest.fn();
  const chunks = new StdinChunks(Readable.from([gzipSync('a\n'), gzipSync('b\n')]), () => {}, warn);
  const read: Buffer[] = [];
  for (let chunk = chunks.next(); chunk !== 'end'; chunk = chunks.next()) {
    if (chunk === 'idle') await new Promise(setImmediate);
    else read.push(chunk);
  }
  expect(read).toHaveLength(2);
  expect(warn.mock.calls).toEqual([
    ['stdin: this is gzip, and read as text. Put "gzip -dc |" in front.'],
  ]);
});

test('a stream that breaks fails the task', async () => {
  const stream = new Readable({ read() {} });
  const chunks = new StdinChunks(
    stream,
    () => undefined,
    () => undefined,
  );
  const broken = new Promise((resolve) => stream.on('close', resolve));
  stream.destroy(new Error('EIO'));
  await broken;
  expect(() => chunks.next()).toThrow('stdin: cannot be read: EIO');
});
