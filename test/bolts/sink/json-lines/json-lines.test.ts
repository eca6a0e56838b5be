import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { jsonLines, type JsonLinesOptions } from '../../../../bolts/sink/json-lines/json-lines.js';
import {
  bytes,
  flag,
  float,
  int,
  list,
  nullable,
  text,
  time,
} from '../../../../topology/rows/field.js';
import { schema, type Schema } from '../../../../topology/rows/schema.js';
import { filesIn, finishedIn, folder, FORMS, sinkContext, withRow, type Form } from '../support.js';

const All = schema('all', {
  host: text(),
  'user-agent "ü"': nullable(text()),
  n: int(),
  maybeN: nullable(int()),
  ratio: float(),
  ok: flag(),
  maybeOk: nullable(flag()),
  body: bytes(),
  maybeBody: nullable(bytes()),
  dt: time(),
  maybeDt: nullable(time()),
  tags: list(text()),
  times: nullable(list(nullable(time()))),
  nested: list(list(float())),
});

async function stored(
  reads: Schema,
  rows: readonly object[],
  form: Form,
  options: JsonLinesOptions,
): Promise<string> {
  const task = await jsonLines(options).open(sinkContext(reads));
  for (const values of rows)
    withRow(reads, values as never, form, (row) => task.write(row as never));
  await task.flush!();
  await task.close?.();
  return (task.outputs?.() ?? []).map((path) => readFileSync(path, 'utf8')).join('');
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom(
      '"',
      '\\',
      '\n',
      '\u0000',
      '\u001f',
      '\u007f',
      ' ',
      '!',
      'a',
      '\u2028',
      'é',
      '\u00a2',
      '\u00dc',
      '😀',
    ),
    maxLength: 60,
  }),
);
const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const date = fc.integer({ min: -8.64e15, max: 8.64e15 });
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of);
const listOf = <T>(of: fc.Arbitrary<T>) => fc.array(of, { maxLength: 4 });
const someBytes = fc.uint8Array({ maxLength: 50 }).map((array) => Buffer.from(array));
const anyRow = fc.record({
  host: anyText,
  'user-agent "ü"': maybe(anyText),
  n: fc.maxSafeInteger(),
  maybeN: maybe(fc.maxSafeInteger()),
  ratio: number,
  ok: fc.boolean(),
  maybeOk: maybe(fc.boolean()),
  body: someBytes,
  maybeBody: maybe(someBytes),
  dt: date,
  maybeDt: maybe(date),
  tags: listOf(anyText),
  times: maybe(listOf(maybe(date))),
  nested: listOf(listOf(number)),
});

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

afterEach(() => {
  jest.restoreAllMocks();
});

describe('JSON lines', () => {
  test.each(FORMS)(
    'are the rows, one a line, as JSON.stringify would write them (%s)',
    async (form) => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyRow, { maxLength: 8 }), async (rows) => {
          const expected = rows.map((row) => ({
            ...row,
            body: row.body.toString('base64'),
            maybeBody: row.maybeBody?.toString('base64') ?? null,
            dt: iso(row.dt),
            maybeDt: iso(row.maybeDt),
            times: row.times?.map(iso) ?? null,
          }));
          const lines = expected.map((row) => `${JSON.stringify(row)}\n`).join('');
          expect(await stored(All, rows, form, { dir: folder() })).toBe(lines);
        }),
        { numRuns: 20 },
      );
    },
  );

  test('escape lone surrogates, which UTF-8 cannot say', async () => {
    const reads = schema('s', { a: text() });
    expect(await stored(reads, [{ a: '\ud800x' }], 'slots', { dir: folder() })).toBe(
      '{"a":"\\ud800x"}\n',
    );
  });

  test('of rows without fields are empty objects', async () => {
    expect(await stored(schema('none', {}), [{}, {}], 'slots', { dir: folder() })).toBe('{}\n{}\n');
  });

  test('lie in files by the rules of rolling files', async () => {
    const dir = folder();
    const reads = schema('s', { dt: time() });
    await stored(reads, [{ dt: 0 }, { dt: 86_400_000 }], 'slots', {
      dir,
      partition: '{dt:yyyy/MM/dd}',
    });
    expect(filesIn(dir)).toEqual([
      expect.stringMatching(/^1970\/01\/01\/archive-0-\d{8}T\d{6}Z-[0-9a-f]{16}\.jsonl$/),
      expect.stringMatching(/^1970\/01\/02\/archive-0-\d{8}T\d{6}Z-[0-9a-f]{16}\.jsonl$/),
    ]);
  });

  test('that a crash left keep their whole lines, wherever they were torn', async () => {
    const reads = schema('s', { a: text(), n: int() });
    const lines = ['{"a":"x\\n","n":1}\n', '{"a":"é","n":22}\n', '{"a":"","n":-3}\n'];
    const bytes = Buffer.from(lines.join(''));
    for (let length = 0; length <= bytes.length; length++) {
      for (const zeros of [0, 5]) {
        const dir = folder();
        const path = join(dir, '.in-progress/web.archive.id.0/p/archive-0-1.jsonl');
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, Buffer.concat([bytes.subarray(0, length), Buffer.alloc(zeros)]));
        const task = await jsonLines({ dir }).open(sinkContext(reads));
        await task.close!();
        const whole = bytes.subarray(0, length).lastIndexOf(10) + 1;
        expect(finishedIn(dir)).toEqual(whole > 0 ? ['p/archive-0-1.jsonl'] : []);
        if (whole > 0)
          expect(readFileSync(join(dir, 'p/archive-0-1.jsonl'))).toEqual(bytes.subarray(0, whole));
        expect(filesIn(dir)).toEqual(finishedIn(dir));
      }
    }
  });
});

test('each row says how many bytes it added, whatever waits already', async () => {
  const reads = schema('s', { a: text() });
  const task = await jsonLines({ dir: folder() }).open(sinkContext(reads));
  const added: unknown[] = [];
  for (const a of ['x', 'yy', 'x'])
    withRow(reads, { a }, 'slots', (row) => added.push(task.write(row as never)));
  expect(added).toEqual([10, 11, 10]);
  await task.flush!();
  await task.close?.();
});

describe('standard output', () => {
  const reads = schema('s', { a: text() });
  const put = (task: { write: (row: never) => unknown }, a: string): unknown => {
    let bytes: unknown;
    withRow(reads, { a }, 'slots', (row) => (bytes = task.write(row as never)));
    return bytes;
  };

  test('is where lines go without a folder; a flush waits until they were taken', async () => {
    const taken: (() => void)[] = [];
    const written: string[] = [];
    jest.spyOn(process.stdout, 'write').mockImplementation(((chunk: Buffer, done: () => void) => {
      written.push(chunk.toString());
      taken.push(done);
      return false;
    }) as never);
    const task = await jsonLines().open(sinkContext(reads));
    expect(put(task, 'x')).toBe(10);
    expect(put(task, 'y')).toBe(10);
    let flushed = false;
    const flush = task.flush!().then(() => (flushed = true));
    await new Promise(setImmediate);
    expect(written).toEqual(['{"a":"x"}\n{"a":"y"}\n']);
    expect(flushed).toBe(false);
    taken[0]!();
    await flush;
    await task.flush!();
    expect(written).toHaveLength(1);
  });

  test('that failed gets the same lines again', async () => {
    const written: string[] = [];
    let fails = true;
    jest.spyOn(process.stdout, 'write').mockImplementation(((
      chunk: Buffer,
      done: (error?: Error) => void,
    ) => {
      if (!fails) written.push(chunk.toString());
      done(fails ? new Error('EAGAIN') : undefined);
      return true;
    }) as never);
    const task = await jsonLines({ stdout: true }).open(sinkContext(reads));
    put(task, 'x');
    await expect(task.flush!()).rejects.toThrow('EAGAIN');
    fails = false;
    put(task, 'y');
    await task.flush!();
    expect(written.join('')).toBe('{"a":"x"}\n{"a":"y"}\n');
  });
});
