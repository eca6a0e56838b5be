import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { fileSink } from '../../../../bolts/sink/files/file-sink.js';
import { RollingFiles } from '../../../../bolts/sink/files/rolling-files.js';
import type { RollingOptions } from '../../../../bolts/sink/files/rolling-options.js';
import type { FileFormat } from '../../../../bolts/sink/files/file-format.js';
import { wholeLength } from '../../../../bolts/sink/json-lines/whole-length.js';
import { Output } from '../../../../bolts/sink/rows/output.js';
import { schema } from '../../../../topology/rows/schema.js';
import { filesIn, finishedIn, folder, sinkContext } from '../support.js';

const NOTHING = schema('nothing', {});

/** Lines of text, so that files can be read by eye. */
const LINES: FileFormat = {
  extension: '.txt',
  encoderOf: () => () => undefined,
  begin() {
    const out = new Output();
    return { header: Buffer.from('head\n'), out, block: () => out.take() };
  },
  wholeLength,
};

interface Sinking {
  put(partition: string, line: string): void;
  files: RollingFiles;
  context: ReturnType<typeof sinkContext>;
}

async function opened(
  options: RollingOptions,
  parts: Parameters<typeof sinkContext>[1] = {},
): Promise<Sinking> {
  const context = sinkContext(NOTHING, parts);
  const files = await RollingFiles.open(options, context, LINES);
  const put = (partition: string, line: string): void => {
    const file = files.at(partition);
    const bytes = Buffer.byteLength(line) + 1;
    file.out.room(bytes);
    file.out.at += file.out.bytes.write(`${line}\n`, file.out.at);
    file.added();
  };
  return { put, files, context };
}

/** The lines of a file, without its head. */
const linesOf = (path: string): string[] => readFileSync(path, 'utf8').split('\n').slice(1, -1);
const linesIn = (dir: string): string[] =>
  finishedIn(dir).flatMap((path) => linesOf(join(dir, path)));

afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

/** What files are written through, to make it fail. */
async function fileHandle(): Promise<FileHandle> {
  const handle = await open(process.execPath);
  await handle.close();
  return Object.getPrototypeOf(handle) as FileHandle;
}

const failure = (code: string): Error =>
  Object.assign(new Error(`${code}: no space left on device, write`), { code });

describe('files', () => {
  test('have their final name only when they are whole', async () => {
    const dir = folder();
    const { put, files } = await opened({ dir });
    put('a/b', 'one');
    await files.flush();
    expect(filesIn(dir)).toEqual([
      expect.stringMatching(
        /^\.in-progress\/web\.archive\.id\.0\/a\/b\/archive-0-\d{8}T\d{6}Z-[0-9a-f]{16}\.txt$/,
      ),
    ]);
    expect(files.outputs()).toEqual([]);
    await files.close();
    expect(filesIn(dir)).toEqual([
      expect.stringMatching(/^a\/b\/archive-0-\d{8}T\d{6}Z-[0-9a-f]{16}\.txt$/),
    ]);
    expect(files.outputs()).toEqual(filesIn(dir).map((path) => join(dir, path)));
    expect(linesIn(dir)).toEqual(['one']);
  });

  test('are not made when there are no rows', async () => {
    const dir = folder();
    const { files } = await opened({ dir });
    files.at('a');
    await files.flush();
    await files.close();
    expect(execFileSync('find', [dir]).toString()).toBe(`${dir}\n`);
    expect(files.outputs()).toEqual([]);
  });

  test('are named as asked', async () => {
    const dir = folder();
    const { put, files } = await opened(
      { dir, name: 'web/request' },
      { component: 'x', task: 3, tasks: 4 },
    );
    put('', 'one');
    await files.close();
    expect(finishedIn(dir)).toEqual([
      expect.stringMatching(/^web%2Frequest-3-\d{8}T\d{6}Z-[0-9a-f]{16}\.txt$/),
    ]);
  });

  test('may go to a relative folder', async () => {
    const dir = folder();
    const { put, files } = await opened({ dir: `./${relative(process.cwd(), dir)}/out/` });
    await files.close();
    expect(readdirSync(dir)).toEqual(['out']);
    put('a', 'one');
    await files.close();
    expect(linesIn(join(dir, 'out'))).toEqual(['one']);
    expect(files.outputs()).toEqual(filesIn(dir).map((path) => join(dir, path)));
  });

  test('are durable after a flush, each synced once', async () => {
    const { put, files } = await opened({ dir: folder() });
    const datasync = jest.spyOn(await fileHandle(), 'datasync');
    for (let i = 0; i < 10; i++) put(`p${i % 3}`, 'x'.repeat(30_000));
    await files.flush();
    expect(datasync).toHaveBeenCalledTimes(3);
    put('p1', 'y');
    await files.flush();
    await files.flush();
    expect(datasync).toHaveBeenCalledTimes(4);
    await files.close();
  });

  test('leave rows that come during a flush to the next one', async () => {
    const dir = folder();
    const { put, files } = await opened({ dir, rollBytes: 1 });
    put('a', 'first');
    const flushed = files.flush();
    await Promise.resolve(); // it has begun
    put('a', 'second');
    await flushed;
    expect(linesIn(dir)).toEqual(['first']);
    await files.flush();
    expect(linesIn(dir).sort()).toEqual(['first', 'second']);
    await files.close();
  });

  test('are finished when they are big enough', async () => {
    const dir = folder();
    const { put, files } = await opened({ dir, rollBytes: 20 });
    for (const line of ['0123456789', 'abcdefghij', 'x']) {
      put('', line);
      await files.flush();
    }
    expect(files.outputs().map(linesOf)).toEqual([['0123456789', 'abcdefghij']]);
    await files.close();
    expect(files.outputs().map(linesOf)).toEqual([['0123456789', 'abcdefghij'], ['x']]);
  });

  test('are finished when they are old enough', async () => {
    const { put, files, context } = await opened({ dir: folder(), rollMs: 1000 });
    put('', 'a');
    await files.flush();
    context.nowMs = 999;
    put('', 'b');
    put('later', 'c');
    await files.flush();
    expect(files.outputs()).toEqual([]);
    context.nowMs = 1000;
    put('', 'd');
    await files.flush();
    expect(files.outputs().map(linesOf)).toEqual([['a', 'b', 'd']]);
    await files.close();
  });

  test('are finished when they are old enough also when no more rows come', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const { put, files, context } = await opened({ dir: folder(), rollMs: 60_000 });
    put('', 'a');
    await files.flush();
    context.nowMs = 60_000;
    jest.advanceTimersByTime(60_000);
    while (files.outputs().length === 0) await new Promise(setImmediate);
    expect(files.outputs().map(linesOf)).toEqual([['a']]);
    expect(jest.getTimerCount()).toBe(0);
    await files.close();
  });

  test('that could not be finished are tried again also when no more rows come', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const dir = folder();
    const { put, files, context } = await opened({ dir, rollMs: 60_000 });
    put('', 'a');
    await files.flush();
    context.nowMs = 60_000;
    jest.spyOn(await fileHandle(), 'sync').mockRejectedValueOnce(failure('EIO'));
    jest.advanceTimersByTime(60_000);
    while (context.warnings.length === 0) await new Promise(setImmediate);
    expect(context.warnings).toEqual([
      `Files in ${dir} cannot be written (EIO). See to the folder. Nothing is lost; it is tried again.`,
    ]);
    jest.advanceTimersByTime(1000);
    while (files.outputs().length === 0) await new Promise(setImmediate);
    expect(linesIn(dir)).toEqual(['a']);
    await files.close();
  });

  test('are 64 at most that rows go into: the least recently used one is finished by the next flush', async () => {
    const { put, files } = await opened({ dir: folder() });
    for (let i = 0; i < 64; i++) put(`p${i}`, `${i}`);
    put('p0', 'again');
    put('p64', '64');
    put('p65', '65');
    put('p1', 'new file');
    await files.flush();
    expect(files.outputs().map(linesOf)).toEqual([['1'], ['2'], ['3']]);
    await files.close();
    expect(files.outputs()).toHaveLength(67);
    expect(files.outputs().flatMap(linesOf).sort()).toEqual(
      [...Array.from({ length: 66 }, (_, i) => `${i}`), 'again', 'new file'].sort(),
    );
  });
});

describe('a disk that refuses', () => {
  test('loses nothing: the next flush writes the same bytes at the same place', async () => {
    const dir = folder();
    const { put, files } = await opened({ dir });
    const prototype = await fileHandle();
    const { writev } = prototype;
    put('', 'stored');
    await files.flush();
    const spy = jest.spyOn(prototype, 'writev');
    // A full disk takes a part, then refuses.
    spy.mockImplementationOnce(function (
      this: FileHandle,
      [first]: readonly NodeJS.ArrayBufferView[],
      at?: number,
    ) {
      return writev.call(this, [Buffer.from(first!.buffer, first!.byteOffset, 3)], at);
    });
    spy.mockRejectedValueOnce(failure('ENOSPC'));
    put('', 'first');
    put('', 'x'.repeat(70_000));
    await expect(files.flush()).rejects.toThrow(
      `Files in ${dir} cannot be written (ENOSPC). The disk is full`,
    );
    put('', 'second');
    await files.flush();
    await files.close();
    expect(linesIn(dir)).toEqual(['stored', 'first', 'x'.repeat(70_000), 'second']);
  });

  test('may take a block in parts', async () => {
    const dir = folder();
    const { put, files } = await opened({ dir });
    const prototype = await fileHandle();
    const { writev } = prototype;
    const spy = jest.spyOn(prototype, 'writev');
    for (const bytes of [1, 2, 2]) {
      spy.mockImplementationOnce(function (
        this: FileHandle,
        [first]: readonly NodeJS.ArrayBufferView[],
        at?: number,
      ) {
        return writev.call(this, [Buffer.from(first!.buffer, first!.byteOffset, bytes)], at);
      });
    }
    put('', 'one');
    put('', 'two');
    await files.close();
    expect(spy).toHaveBeenCalledTimes(4);
    expect(readFileSync(files.outputs()[0]!, 'utf8')).toBe('head\none\ntwo\n');
  });

  test('that failed to sync is written to again, as it may have dropped what it had', async () => {
    const dir = folder();
    const { put, files } = await opened({ dir });
    const prototype = await fileHandle();
    const written = jest.spyOn(prototype, 'writev');
    jest.spyOn(prototype, 'datasync').mockRejectedValueOnce(failure('EIO'));
    put('', 'one');
    await expect(files.flush()).rejects.toThrow('EIO');
    await files.flush();
    expect(written.mock.calls.map(([, position]) => position)).toEqual([0, 0]);
    await files.close();
    expect(linesIn(dir)).toEqual(['one']);
  });

  test('that failed between rename and sync ends with one whole file', async () => {
    const dir = folder();
    const { put, files } = await opened({ dir });
    put('a', 'one');
    await files.flush();
    jest
      .spyOn(await fileHandle(), 'sync')
      .mockRejectedValueOnce(failure('EIO'))
      .mockRejectedValueOnce(failure('EIO'));
    await expect(files.close()).rejects.toThrow('EIO');
    await expect(files.close()).rejects.toThrow('EIO');
    await files.close();
    expect(linesIn(dir)).toEqual(['one']);
    expect(files.outputs()).toHaveLength(1);
  });

  test('whose file somebody has moved away fails the flush and the end of the run, and stores what comes then', async () => {
    const dir = folder();
    const { put, files, context } = await opened({ dir, rollBytes: 1 });
    put('alice', 'one');
    jest.spyOn(await fileHandle(), 'datasync').mockImplementationOnce(async () => {
      for (const path of filesIn(dir)) rmSync(join(dir, path));
    });
    const says = `A file in ${join(dir, '.in-progress/web.archive.id.0')} is gone, with the rows stored in it`;
    await expect(files.flush()).rejects.toThrow(says);
    put('alice', 'two');
    await files.flush();
    expect(linesIn(dir)).toEqual(['two']);
    await expect(files.close()).rejects.toThrow(says);
    expect(context.warnings).toEqual([expect.stringContaining(says)]);
  });

  test('that is really full takes everything when there is space again', async () => {
    const dir = folder();
    try {
      execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', dir], {
        stdio: 'pipe',
      });
    } catch {
      process.stderr.write('skipped: no right to mount a small tmpfs\n');
      return;
    }
    try {
      const { put, files } = await opened({ dir: join(dir, 'out') });
      const lines = Array.from({ length: 30 }, (_, i) => `${i}`.padEnd(5_000, '.'));
      for (const line of lines.slice(0, 20)) put('', line);
      await expect(files.flush()).rejects.toThrow('ENOSPC');
      for (const line of lines.slice(20)) put('', line);
      await expect(files.flush()).rejects.toThrow('ENOSPC');
      execFileSync('/bin/mount', ['-o', 'remount,size=1m', dir]);
      await files.flush();
      await files.close();
      expect(linesIn(join(dir, 'out'))).toEqual(lines);
    } finally {
      execFileSync('/bin/umount', [dir]);
    }
  });

  test('is named by an error that says no value of a row', async () => {
    const dir = folder();
    const { put, files } = await opened({ dir });
    writeFileSync(join(dir, 'alice'), 'in the way');
    put('alice', 'one');
    const failed = await files.close().catch((error: unknown) => error);
    expect(String(failed)).toBe(
      `Error: Files in ${dir} cannot be written (EEXIST). See to the folder. Nothing is lost; it is tried again.`,
    );
    expect(JSON.stringify(failed)).not.toContain('alice');
  });
});

describe('after a crash', () => {
  test('a task finishes what it had begun, without the torn end', async () => {
    const dir = folder();
    const crashed = await opened({ dir });
    crashed.put('a', 'one');
    crashed.put('b', 'two');
    await crashed.files.flush();
    for (const path of filesIn(dir)) writeFileSync(join(dir, path), 'torn', { flag: 'a' });
    const { files } = await opened({ dir });
    expect(linesIn(dir)).toEqual(['one', 'two']);
    expect([...files.outputs()].sort()).toEqual(filesIn(dir).map((path) => join(dir, path)));
    await files.close();
    expect(execFileSync('find', [dir, '-type', 'd']).toString().trim().split('\n').sort()).toEqual([
      dir,
      join(dir, 'a'),
      join(dir, 'b'),
    ]);
  });

  test('a task leaves those of others alone', async () => {
    const dir = folder();
    const crash = async (parts: Parameters<typeof sinkContext>[1]): Promise<void> => {
      const { put, files } = await opened({ dir }, { tasks: 9, ...parts });
      put('', JSON.stringify(parts));
      await files.flush();
    };
    await crash({ task: 1 });
    await crash({ task: 2 });
    await crash({ task: 0, component: 'archive.2' });
    await crash({ task: 3, topology: 'web.archive', component: 'x' });
    await crash({ task: 0, topology: 'other' });
    await crash({ task: 4, component: 'archive.x' });
    const begun = filesIn(dir);
    await (await opened({ dir }, { task: 0, tasks: 3 })).files.close();
    await (await opened({ dir }, { task: 4, tasks: 5 })).files.close();
    await (
      await opened({ dir }, { task: 4, tasks: 5, topology: 'web.archive', component: 'x' })
    ).files.close();
    expect(filesIn(dir)).toEqual(begun);
  });

  test('files of a run on another state folder are left alone, and both runs keep all their rows', async () => {
    const dir = folder();
    const living = await opened({ dir }, { stateId: 'one', task: 1, tasks: 2 });
    living.put('', 'one');
    await living.files.flush();
    for (const task of [0, 1]) {
      const other = await opened({ dir }, { stateId: 'other', task, tasks: 2 });
      other.put('', 'other');
      await other.files.close();
    }
    await (await opened({ dir }, { stateId: 'other', task: 0, tasks: 1 })).files.close();
    living.put('', 'two');
    await living.files.close();
    expect(living.files.outputs().map(linesOf)).toEqual([['one', 'two']]);
    expect(linesIn(dir).sort()).toEqual(['one', 'other', 'other', 'two']);
  });

  test('task 0 finishes those of tasks that are no more', async () => {
    const dir = folder();
    for (const task of [0, 1, 2, 10]) {
      const { put, files } = await opened({ dir }, { task, tasks: 11 });
      put('', `${task}`);
      await files.flush();
    }
    await (await opened({ dir }, { task: 0, tasks: 2 })).files.close();
    expect(linesIn(dir).sort()).toEqual(['0', '10', '2']);
    expect(filesIn(dir).filter((path) => path.startsWith('.'))).toEqual([
      expect.stringContaining('web.archive.id.1/'),
    ]);
  });

  test('a task whose files cannot be finished says so, and no value of a row', async () => {
    const dir = folder();
    const crashed = await opened({ dir });
    crashed.put('alice', 'one');
    await crashed.files.flush();
    writeFileSync(join(dir, 'alice'), 'in the way');
    const inProgress = join(dir, '.in-progress/web.archive.id.0');
    await expect(opened({ dir })).rejects.toThrow(
      `What an earlier run left in ${inProgress} cannot be finished (EEXIST). See to the folder.`,
    );
    rmSync(join(dir, 'alice'));
    await opened({ dir });
    expect(linesIn(dir)).toEqual(['one']);
  });

  test('a file of another kind is left, and said', async () => {
    const dir = folder();
    const inProgress = join(dir, '.in-progress/web.archive.id.0');
    mkdirSync(inProgress, { recursive: true });
    writeFileSync(join(inProgress, 'notes.doc'), 'precious');
    const { files, context } = await opened({ dir });
    await files.close();
    expect(context.warnings).toEqual([
      expect.stringContaining(`In ${inProgress} there is a file that this sink did not make`),
    ]);
    expect(filesIn(dir)).toEqual(['.in-progress/web.archive.id.0/notes.doc']);
  });
});

test('a file sink refuses a template that does not fit before it makes a folder', async () => {
  const dir = join(folder(), 'out');
  await expect(
    fileSink({ dir, partition: '{dt:yyyy}' }, sinkContext(NOTHING), LINES),
  ).rejects.toThrow('names the field "dt"');
  expect(() => filesIn(dir)).toThrow('ENOENT');
});
