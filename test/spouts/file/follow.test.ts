import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BatchPool } from '../../../spouts/file/batch-pool.js';
import { openTask } from '../../../spouts/file/file.js';
import { idOf } from '../../../spouts/file/identity.js';
import { file } from '../../../spouts/file/index.js';
import type { Positions } from '../../../topology/dsl/spout.js';
import {
  contextFor,
  inFolder,
  readNow,
  type FakeContext,
  type Message,
  type Task,
} from './support.js';

const NOTHING: Positions = new Map();

interface Following {
  readonly context: FakeContext;
  readonly task: Task;
  /** What is new, after enough time to look for new names. */
  next(): string[];
  /** The same with all that is known of the messages. */
  messages(): Message[];
}

function follow(share: unknown, { task = 0, tasks = 1, committed = NOTHING } = {}): Following {
  const context = contextFor(share, { task, tasks, committed });
  const opened = openTask(context, 20, new BatchPool(16)) as Task;
  const messages = (): Message[] => {
    context.clock += 200;
    return readNow(opened);
  };
  return { context, task: opened, messages, next: () => messages().map(({ raw }) => raw) };
}

const assign = async (
  path: string | string[],
  tasks = 1,
  committed = NOTHING,
): Promise<readonly unknown[]> => file({ path, follow: true }).assign!(tasks, committed);

async function followOne(path: string | string[], committed = NOTHING): Promise<Following> {
  return follow((await assign(path, 1, committed))[0]);
}

const commit = (messages: readonly Message[]): Positions =>
  new Map(messages.map(({ partition, position }) => [partition, position]));

test('a file is read to its end and goes on with what is written then', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.log');
    writeFileSync(path, 'one\n');
    const tail = await followOne(path);
    expect(tail.next()).toEqual(['one']);
    expect(tail.task.poll()).toBe('idle');
    appendFileSync(path, 'two\nthr');
    expect(tail.next()).toEqual(['two']);
    appendFileSync(path, 'ee');
    expect(tail.next()).toEqual([]);
    appendFileSync(path, '\n');
    expect(tail.next()).toEqual(['three']);
    tail.task.close();
  }));

test('a line over the limit waits for its newline and is rejected, over many writes', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.log');
    writeFileSync(path, '');
    const tail = await followOne(path);
    for (let i = 0; i < 10; i++) {
      appendFileSync(path, 'x'.repeat(10));
      expect(tail.next()).toEqual([]);
    }
    appendFileSync(path, '\nshort\n');
    expect(tail.messages().map(({ raw, rejected }) => [raw, rejected])).toEqual([
      ['x'.repeat(20), 'line too long (over 20 bytes)'],
      ['short', undefined],
    ]);
    tail.task.close();
  }));

test('after a rotation by rename the old file is read to its end, then the new one from its start', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.log');
    writeFileSync(path, 'one\n');
    const tail = await followOne(path);
    expect(tail.next()).toEqual(['one']);
    appendFileSync(path, 'two\n');
    renameSync(path, `${path}.1`);
    writeFileSync(path, 'new\n');
    appendFileSync(`${path}.1`, 'three\n');
    expect(tail.next()).toEqual(['two', 'three', 'new']);
    // The writer has not been told yet.
    appendFileSync(`${path}.1`, 'late\n');
    appendFileSync(path, 'newer\n');
    expect(tail.next().sort()).toEqual(['late', 'newer']);
    tail.task.close();
  }));

test('a rotated file that stays quiet is let go, its last line without a newline taken as it is', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.log');
    writeFileSync(path, 'one\npart');
    const tail = await followOne(path);
    expect(tail.next()).toEqual(['one']);
    renameSync(path, join(folder, 'elsewhere'));
    writeFileSync(path, 'new\n');
    expect(tail.next()).toEqual(['new']);
    tail.context.clock += 59_000;
    expect(tail.next()).toEqual([]);
    tail.context.clock += 2_000;
    expect(tail.next()).toEqual(['part']);
    appendFileSync(join(folder, 'elsewhere'), 'ial\n');
    expect(tail.next()).toEqual([]);
    // It comes back under its name: what was read is not read again.
    renameSync(join(folder, 'elsewhere'), path);
    expect(tail.next()).toEqual(['ial']);
    tail.task.close();
  }));

test('after copying and cutting back, the file is read from its start under other positions', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.log');
    writeFileSync(path, 'one\ntwo\n');
    const tail = await followOne(path);
    const old = tail.messages();
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
    expect(tail.next()).toEqual([]);
    expect(tail.context.warnings).toEqual([
      `${path}: was cut back and is read from its start. Lines written shortly before may be lost.`,
    ]);
    appendFileSync(path, 'one\nnew\n');
    const fresh = tail.messages();
    expect(fresh.map(({ raw, offset }) => [raw, offset])).toEqual([
      ['one', 0],
      ['new', 4],
    ]);
    expect(fresh[0]!.partition).not.toBe(old[0]!.partition);

    // What earlier generations committed does not count for a third one, either.
    const again = await followOne(path, commit([...old, ...fresh]));
    expect(again.next()).toEqual([]);
    writeFileSync(path, 'eins\nzwei\ndrei\n');
    expect(again.next()).toEqual(['eins', 'zwei', 'drei']);
    tail.task.close();
    again.task.close();
  }));

test('a file cut back and filled beyond its old size between two looks is noticed by its first bytes', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.log');
    writeFileSync(path, 'one\n');
    const tail = await followOne(path);
    tail.next();
    writeFileSync(path, 'another\nand more\n');
    expect(tail.next()).toEqual(['another', 'and more']);
    tail.task.close();
  }));

test('new files that match a glob are picked up, gzip files among them are left out', () =>
  inFolder(async (folder) => {
    writeFileSync(join(folder, 'a.log'), 'a\n');
    const tail = await followOne(join(folder, '**/*.log*'));
    expect(tail.next()).toEqual(['a']);
    mkdirSync(join(folder, 'sub'));
    writeFileSync(join(folder, 'sub/b.log'), 'b\n');
    writeFileSync(join(folder, 'a.log.1.gz'), gzipSync('old\n'));
    expect(tail.next()).toEqual(['b']);
    tail.task.close();
  }));

test('a rename within a glob changes nothing', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.log');
    writeFileSync(path, 'one\n');
    const tail = await followOne(join(folder, 'a.log*'));
    tail.next();
    renameSync(path, `${path}.1`);
    writeFileSync(path, 'new\n');
    expect(tail.next()).toEqual(['new']);
    tail.context.clock += 100_000;
    appendFileSync(`${path}.1`, 'two\n');
    expect(tail.next()).toEqual(['two']);
    tail.task.close();
  }));

test('after a restart a file goes on behind what was committed, and a rotated one is found again', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.log');
    writeFileSync(path, 'one\ntwo\nthree\n');
    const share = (await assign(path))[0];
    const tail = follow(share);
    const committed = commit(tail.messages().slice(0, 1));
    tail.task.close();

    renameSync(path, `${path}.1`);
    writeFileSync(path, 'new\n');
    const worker = follow(share, { committed });
    expect(worker.next()).toEqual(['two', 'three', 'new']);
    worker.task.close();
    const run = await followOne(path, committed);
    expect(run.next()).toEqual(['two', 'three', 'new']);
    run.task.close();
  }));

test('what is written and not read yet is the lag, also after a restart', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.log');
    writeFileSync(path, 'one\n');
    const tail = await followOne(join(folder, '*.log'));
    const lagOf = ({ context, task }: Following): unknown => {
      context.clock += 200;
      task.poll();
      return context.own.snapshot().map(({ name, value }) => [name, value]);
    };
    const read = tail.messages();
    appendFileSync(path, 'two\nthr');
    writeFileSync(join(folder, 'b.log'), 'four\n');
    expect(lagOf(tail)).toEqual([['file_lag_bytes', 12]]);
    tail.next();
    expect(lagOf(tail)).toEqual([['file_lag_bytes', 3]]);
    tail.task.close();
    const again = await followOne(join(folder, '*.log'), commit(read));
    expect(lagOf(again)).toEqual([['file_lag_bytes', 12]]);
    again.task.close();
  }));

test('of two positions of a partition, the further one counts', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.log');
    writeFileSync(path, 'one\ntwo\nthree\n');
    const first = await followOne(path);
    const messages = first.messages();
    first.task.close();
    // This task's own log is of an earlier run than the one in which another task had the file.
    const share = (await assign(path, 1, commit(messages.slice(0, 2))))[0];
    const again = follow(share, { committed: commit(messages.slice(0, 1)) });
    expect(again.next()).toEqual(['three']);
    again.task.close();
  }));

test('a run without follow and one with it take turns on the same file', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.log');
    writeFileSync(path, 'one\ntwo\nthree\nfour\n');
    const shares = await file({ path }).assign!(2, NOTHING);
    // Only the second half was committed.
    const half = readNow(openTask(contextFor(shares[1]), 20, new BatchPool(16)) as Task);
    expect(half.map(({ raw }) => raw)).toEqual(['four']);
    const tail = await followOne(path, commit(half));
    appendFileSync(path, 'five\n');
    const rest = tail.messages();
    expect(rest.map(({ raw }) => raw)).toEqual(['one', 'two', 'three', 'five']);
    tail.task.close();
    expect(
      readNow(
        openTask(
          contextFor((await file({ path }).assign!(1, commit([...half, ...rest])))[0]),
          20,
          new BatchPool(),
        ) as Task,
      ),
    ).toEqual([]);
  }));

test('each file belongs to one task, also the new ones', () =>
  inFolder(async (folder) => {
    const name = (i: number): string => join(folder, `${i}.log`);
    for (let i = 0; i < 6; i++) writeFileSync(name(i), `${i}\n`);
    const shares = await assign(join(folder, '*.log'), 3);
    const tails = shares.map((share, task) => follow(share, { task, tasks: 3 }));
    expect(tails.map((tail) => tail.next())).toEqual([
      ['0', '3'],
      ['1', '4'],
      ['2', '5'],
    ]);
    for (let i = 6; i < 12; i++) writeFileSync(name(i), `${i}\n`);
    expect(tails.flatMap((tail) => tail.next()).sort()).toEqual(['10', '11', '6', '7', '8', '9']);
    for (const { task } of tails) task.close();
  }));

test('a file that is removed is read to its end', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.log');
    writeFileSync(path, 'one\n');
    const tail = await followOne(path);
    tail.next();
    appendFileSync(path, 'two\n');
    rmSync(path);
    expect(tail.next()).toEqual(['two']);
    tail.task.close();
  }));

test('a file that was cut back before a restart is read anew, also when it grows back to its old size and begins alike', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.log');
    writeFileSync(path, 'a');
    const before = await followOne(path);
    before.messages();
    appendFileSync(path, '0\n');
    const committed = commit(before.messages());
    before.task.close();
    truncateSync(path);
    const after = await followOne(path, committed);
    appendFileSync(path, 'a1\n');
    expect(after.next()).toEqual(['a1']);
    after.task.close();
  }));

test('whatever is written, rotated and restarted, every line comes once', () => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('write' as const),
        text: fc.stringMatching(/^[ab\n]{0,12}$/),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('rename' as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('cut' as const) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('read' as const) }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('restart' as const), committed: fc.nat(8) }),
    },
  );
  return fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), (steps) =>
      inFolder(async (folder) => {
        const path = join(folder, 'a.log');
        writeFileSync(path, '');
        const committed = new Map<string, number>();
        const done: string[] = [];
        const pending: Message[] = [];
        let written = '';
        let number = 0;
        let tail = await followOne(path);
        const take = (): void => void pending.push(...tail.messages());
        const settle = (count: number): void => {
          for (const { partition, position, raw } of pending.splice(0, count)) {
            committed.set(partition, position);
            done.push(raw);
          }
        };
        for (const action of steps) {
          if (action.do === 'write') {
            // Numbered, so that content is never the same twice.
            const text = action.text.replaceAll('\n', () => `${number++}\n`);
            appendFileSync(path, text);
            written += text;
          } else if (action.do === 'read') take();
          else if (action.do === 'restart') {
            take();
            settle(action.committed);
            pending.length = 0;
            tail.task.close();
            tail = await followOne(path, committed);
          } else {
            // At the end of a line, as a writer that is told to reopen does.
            if (!written.endsWith('\n')) appendFileSync(path, `${number}\n`);
            if (!written.endsWith('\n')) written += `${number++}\n`;
            take();
            if (action.do === 'cut') {
              // What is gone cannot be read again after a restart.
              settle(Infinity);
              truncateSync(path);
            } else {
              // A file of which something was committed is known by its inode.
              settle(
                pending.findIndex(({ partition }) =>
                  partition.startsWith(idOf(statSync(path, { bigint: true }))),
                ) + 1,
              );
              renameSync(path, `${path}.${number++}`);
              writeFileSync(path, '');
            }
            take();
          }
        }
        take();
        settle(Infinity);
        tail.task.close();
        const whole = written.slice(0, written.lastIndexOf('\n') + 1);
        const byNumber = (a: string, b: string): number =>
          Number(/\d+$/.exec(a)) - Number(/\d+$/.exec(b));
        expect(done.sort(byNumber)).toEqual(whole === '' ? [] : whole.slice(0, -1).split('\n'));
      }),
    ),
    { numRuns: 300 },
  );
});
