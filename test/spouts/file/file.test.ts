import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BatchPool } from '../../../spouts/file/batch-pool.js';
import { openTask } from '../../../spouts/file/file.js';
import { file, type FileOptions } from '../../../spouts/file/index.js';
import type { Positions } from '../../../topology/dsl/spout.js';
import {
  contents,
  contextFor,
  inFolder,
  lineOf,
  linesOf,
  messagesOf,
  readAll,
  type FakeContext,
  type Message,
  type Task,
} from './support.js';

const NOTHING: Positions = new Map();

interface Sizes {
  readonly maxLineBytes?: number;
  readonly batchBytes?: number;
}

const open = (context: FakeContext, { maxLineBytes = 99, batchBytes = 64 }: Sizes = {}): Task =>
  openTask(context, maxLineBytes, new BatchPool(batchBytes)) as Task;

const assign = async (
  options: FileOptions,
  tasks = 1,
  committed = NOTHING,
): Promise<readonly unknown[]> => file(options).assign!(tasks, committed);

async function readFrom(
  options: FileOptions,
  tasks = 1,
  committed = NOTHING,
  sizes?: Sizes,
): Promise<Message[]> {
  const messages: Message[] = [];
  for (const share of await assign(options, tasks, committed))
    messages.push(...(await readAll(open(contextFor(share), sizes))));
  return messages;
}

const commit = (messages: readonly Message[]): Positions =>
  new Map(messages.map(({ partition, position }) => [partition, position]));
const raws = (messages: readonly Message[]): string[] => messages.map(({ raw }) => raw);

interface Run {
  readonly tasks: number;
  /** Lives of each task's worker: how many messages it commits before it dies. */
  readonly lives: readonly number[];
}

/** Does the runs and then one that lives, and returns what was committed in all of them. */
async function runs(options: FileOptions, plan: readonly Run[], sizes: Sizes): Promise<Message[]> {
  const done: Message[] = [];
  const committed = new Map<string, number>();
  for (const { tasks, lives } of [...plan, { tasks: 1, lives: [Infinity] }]) {
    const shares = await assign(options, tasks, committed);
    for (const [task, share] of shares.entries()) {
      const since = new Map<string, number>();
      for (const life of lives) {
        const messages = await readAll(
          open(contextFor(share, { task, tasks, committed: new Map(since) }), sizes),
        );
        for (const message of messages.slice(0, life)) {
          expect(message.position).toBeGreaterThan(since.get(message.partition) ?? -1);
          since.set(message.partition, message.position);
          done.push(message);
        }
      }
      for (const [partition, position] of since) committed.set(partition, position);
    }
  }
  expect(await readFrom(options, 3, committed, sizes)).toEqual([]);
  return done;
}

test('whatever is killed and committed, every line comes once, with the same bytes', () => {
  const sizes = fc.integer({ min: 1, max: 30 });
  const plan = fc.array(
    fc.record({
      tasks: fc.integer({ min: 1, max: 5 }),
      lives: fc.array(fc.nat(12), { minLength: 1, maxLength: 3 }),
    }),
    { maxLength: 4 },
  );
  const files = fc.array(fc.record({ content: contents(120), zipped: fc.boolean() }), {
    minLength: 1,
    maxLength: 3,
  });
  return fc.assert(
    fc.asyncProperty(files, plan, sizes, sizes, (all, planned, batchBytes, maxLineBytes) =>
      inFolder(async (folder) => {
        for (const [i, { content, zipped }] of all.entries()) {
          writeFileSync(
            join(folder, zipped ? `${i}.gz` : `${i}.log`),
            zipped ? gzipSync(content) : content,
          );
        }
        const done = await runs({ path: join(folder, '*') }, planned, { batchBytes, maxLineBytes });
        for (const [i, { content, zipped }] of all.entries()) {
          const own = done.filter(
            ({ file: path }) => path === join(folder, zipped ? `${i}.gz` : `${i}.log`),
          );
          expect(own.map(lineOf).sort((a, b) => a.offset - b.offset)).toEqual(
            linesOf(content, maxLineBytes),
          );
        }
      }),
    ),
    { numRuns: 150 },
  );
});

test('what a file grows by after the start is read the next time', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.log');
    writeFileSync(path, 'one\ntwo\n');
    const [share] = await assign({ path });
    appendFileSync(path, 'three\n');
    const first = await readAll(open(contextFor(share)));
    expect(raws(first)).toEqual(['one', 'two']);
    expect(raws(await readFrom({ path }, 2, commit(first)))).toEqual(['three']);
  }));

test('a file that was cut back and filled again between two runs is read from its start, under other ids', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.log');
    writeFileSync(path, 'one\ntwo\n');
    const first = await readFrom({ path });
    writeFileSync(path, 'eins\nzwei\ndrei\n');
    const second = await readFrom({ path }, 1, commit(first));
    expect(raws(second)).toEqual(['eins', 'zwei', 'drei']);
    expect(raws(await readFrom({ path }, 1, commit([...first, ...second])))).toEqual([]);
    truncateSync(path, 5);
    expect(raws(await readFrom({ path }, 1, commit([...first, ...second])))).toEqual(['eins']);
    const { dev, ino } = statSync(path);
    const names = [...commit([...first, ...second]).keys()].map((partition) =>
      partition.replace(/\.[0-9a-f]{8}:/, ':'),
    );
    expect(names).toEqual([`${dev}:${ino}:0.8:0-8`, `${dev}:${ino}:1.15:0-15`]);
  }));

test('a file that is shorter than what was committed is a new one, even if it begins the same', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.log');
    writeFileSync(path, 'line\n'.repeat(600));
    const first = await readFrom({ path });
    truncateSync(path, 2500);
    expect(await readFrom({ path }, 1, commit(first))).toHaveLength(500);
  }));

test('a row says which file and where, whatever the file is called', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.log');
    writeFileSync(path, 'one\ntwo\n');
    const [share] = await assign({ path });
    renameSync(path, join(folder, 'a.log.1'));
    writeFileSync(path, 'new\n');
    const batch = open(contextFor(share)).poll();
    if (typeof batch === 'string') throw new Error(batch);
    expect(messagesOf(batch).map(({ raw, offset }) => [raw, offset])).toEqual([
      ['one', 0],
      ['two', 4],
    ]);
    const sourceAt = batch.size;
    const { dev, ino } = statSync(join(folder, 'a.log.1'));
    expect(batch.bytes.toString('utf8', sourceAt, sourceAt + `${dev}:${ino}`.length)).toBe(
      `${dev}:${ino}`,
    );
  }));

test('a file that is gone when it is opened says so', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.log');
    writeFileSync(path, 'one\n');
    const [share] = await assign({ path });
    // Held, so that its inode is not given to another file.
    writeFileSync(join(folder, 'b'), '');
    rmSync(path);
    expect(() => open(contextFor(share)).poll()).toThrow(
      `${path}: was removed since the run began`,
    );
  }));

test('a file that becomes shorter while it is read is read as far as it goes, with a warning', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.log');
    writeFileSync(path, 'one\ntwo\n');
    const [share] = await assign({ path });
    truncateSync(path, 4);
    const context = contextFor(share);
    expect(raws(await readAll(open(context)))).toEqual(['one']);
    expect(context.warnings).toEqual([
      `${path}: has become shorter while it was read: 4 bytes instead of 8. What was behind is lost.`,
    ]);
  }));

test('a gzip file that is cut short gives its lines, then a dead letter; one that is none gives that alone', () =>
  inFolder(async (folder) => {
    const packed = gzipSync('one\ntwo\nthr');
    writeFileSync(join(folder, 'cut.gz'), packed.subarray(0, -4));
    writeFileSync(join(folder, 'none.gz'), 'plain\n');
    const messages = await readFrom({ path: join(folder, '*') });
    expect(messages.map(({ raw, rejected }) => [raw, rejected]).sort()).toEqual([
      ['', 'not gzip'],
      ['one', undefined],
      ['thr', 'gzip cut short'],
      ['two', undefined],
    ]);
    expect(await readFrom({ path: join(folder, '*') }, 1, commit(messages))).toEqual([]);
  }));

test('a gzip file without a byte is a dead letter, and is read whole when it has some', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'zero.gz');
    writeFileSync(path, '');
    const messages = await readFrom({ path });
    expect(messages.map(({ raw, rejected }) => [raw, rejected])).toEqual([['', 'gzip cut short']]);
    expect(await readFrom({ path }, 1, commit(messages))).toEqual([]);
    writeFileSync(path, gzipSync('one\ntwo\n'));
    const more = await readFrom({ path }, 1, commit(messages));
    expect(raws(more)).toEqual(['one', 'two']);
    const all = new Map([...commit(messages), ...commit(more)]);
    expect(await readFrom({ path }, 1, all)).toEqual([]);
  }));

test('several paths are read in their order, globs by name, and each file once', () =>
  inFolder(async (folder) => {
    for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, name), `${name}\n`);
    expect(raws(await readFrom({ path: [join(folder, 'c'), join(folder, '*')] }))).toEqual([
      'c',
      'a',
      'b',
    ]);
  }));

test('bytes are dealt out evenly', () =>
  inFolder(async (folder) => {
    writeFileSync(join(folder, 'a'), 'line\n'.repeat(1000));
    writeFileSync(join(folder, 'b'), 'line\n'.repeat(200));
    const shares = await assign({ path: join(folder, '*') }, 3);
    const lines = await Promise.all(
      shares.map(async (share) => (await readAll(open(contextFor(share)))).length),
    );
    expect(lines).toEqual([400, 400, 400]);
  }));

test('when all memory is out a task is idle, and wakes when some comes back', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a');
    writeFileSync(path, 'line\n'.repeat(100));
    const [share] = await assign({ path });
    const context = contextFor(share);
    const task = openTask(context, 99, new BatchPool(10, 2)) as Task;
    const first = task.poll();
    const second = task.poll();
    expect([typeof first, typeof second, task.poll()]).toEqual(['object', 'object', 'idle']);
    if (typeof first === 'string') throw new Error(first);
    task.release(first);
    expect(context.woken).toBe(1);
    // The same memory again, and once only.
    expect(task.poll()).toBe(first);
    expect(task.poll()).toBe('idle');
    task.close();
  }));

test('memory given back twice is lent once', () => {
  const pool = new BatchPool(10, 3);
  const batch = pool.take();
  pool.give(batch);
  pool.give(batch);
  expect(pool.take()).toBe(batch);
  expect(pool.take()).not.toBe(batch);
});

test('standard input is read to its end by one task, and its positions mean nothing to the next run', async () => {
  const shares = await assign({ path: '-' }, 2, new Map([['stdin:1', 5]]));
  expect(shares.map((share) => (share as unknown[]).length).sort()).toEqual([0, 1]);
  const [share] = shares;
  const messages = await withStdin('a\nb\n', () => readAll(open(contextFor(share))));
  expect(messages.map(({ raw, offset, file: path }) => [raw, offset, path])).toEqual([
    ['a', 0, 'stdin'],
    ['b', 2, 'stdin'],
  ]);

  const again = contextFor(share, { committed: commit(messages) });
  const more = await withStdin('c\n', () => readAll(open(again)));
  expect(more.map(({ raw, offset, position }) => [raw, offset, position])).toEqual([['c', 4, 6]]);
  expect(again.warnings).toEqual([
    'stdin: cannot be read again after a restart of the worker: lines that were under way are lost.',
  ]);
  expect(file({ path: '-' }).tasks).toBe(1);
});

async function withStdin<T>(text: string, use: () => Promise<T>): Promise<T> {
  const own = Object.getOwnPropertyDescriptor(process, 'stdin')!;
  Object.defineProperty(process, 'stdin', {
    configurable: true,
    value: Readable.from([Buffer.from(text)]),
  });
  try {
    return await use();
  } finally {
    Object.defineProperty(process, 'stdin', own);
  }
}

test('what cannot be read is said at the start, with the path and what to do', () =>
  inFolder(async (folder) => {
    const path = (name: string): string => join(folder, name);
    mkdirSync(path('dir'));
    writeFileSync(path('a.gz'), gzipSync('a\n'));
    await expect(assign({ path: path('none') })).rejects.toThrow(`${path('none')}: no such file`);
    await expect(assign({ path: path('dir') })).rejects.toThrow(
      `${path('dir')} is a folder. Give a glob: ${path('dir')}/*`,
    );
    await expect(assign({ path: path('*.log') })).rejects.toThrow(
      `${path('*.log')}: no file matches`,
    );
    await expect(assign({ path: '/dev/null' })).rejects.toThrow(
      "/dev/null is no regular file. Pipe it into standard input and give '-'.",
    );
    await expect(assign({ path: '-', follow: true })).rejects.toThrow(
      "path '-' is standard input: it is read to its end anyway",
    );
    await expect(assign({ path: ['-', path('a.gz')] })).rejects.toThrow(
      "path '-' is standard input and stands alone",
    );
    await expect(assign({ path: path('a.gz'), follow: true })).rejects.toThrow(
      `${path('a.gz')}: a .gz file does not grow`,
    );
    expect(() => file({ path: 'a', maxLineBytes: 0 })).toThrow(RangeError);
    expect(() => file({ path: [] })).toThrow(RangeError);
  }));

test('a file that this user may not read is named', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'secret');
    writeFileSync(path, 'a\n');
    chmodSync(folder, 0o755);
    chmodSync(path, 0);
    await asNobody(async () => {
      await expect(assign({ path })).rejects.toThrow(
        `${path}: cannot be read (EACCES). Let this user read the file and the folders above it.`,
      );
      await expect(assign({ path, follow: true })).rejects.toThrow(
        `${path}: cannot be read (EACCES)`,
      );
    });
  }));

/** Root may read everything, so it must not be root. */
async function asNobody(use: () => Promise<void>): Promise<void> {
  const user = process.geteuid!();
  if (user === 0) process.seteuid!(65_534);
  try {
    await use();
  } finally {
    process.seteuid!(user);
  }
}

test('an empty file has no lines', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a');
    writeFileSync(path, '');
    expect(await readFrom({ path }, 2)).toEqual([]);
  }));
