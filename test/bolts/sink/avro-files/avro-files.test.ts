import { createReadStream, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import avro from 'avsc';
import fc from 'fast-check';
import { uncompressSync } from 'snappy';
import { avroFiles, type AvroFilesOptions } from '../../../../bolts/sink/avro-files/avro-files.js';
import {
  bytes,
  flag,
  float,
  int,
  list,
  nullable,
  pii,
  text,
  time,
} from '../../../../topology/rows/field.js';
import { CUT, OVER } from '../../../../topology/rows/cutting.js';
import { emitter } from '../../../../topology/rows/emitter.js';
import { extend, schema, type Schema } from '../../../../topology/rows/schema.js';
import { drain } from '../../../../runtime/testing/index.js';
import { folder, FORMS, sinkContext, withRow, type Form } from '../support.js';

const All = schema('all', {
  host: text(),
  agent: nullable(text()),
  n: int(),
  maybeN: nullable(int()),
  ratio: float(),
  maybeRatio: nullable(float()),
  ok: flag(),
  maybeOk: nullable(flag()),
  body: bytes(),
  maybeBody: nullable(bytes()),
  dt: time(),
  maybeDt: nullable(time()),
  tags: list(text()),
  scores: nullable(list(nullable(float()))),
  nested: list(list(int())),
  flags: list(flag()),
});

const isLong = (type: any): boolean => type === 'long' || type.type === 'long';

/** avsc itself refuses the last whole numbers below 2^53, and rounds those below -2^52. */
const BIG = avro.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => Number(buffer.readBigInt64LE()),
  toBuffer: () => Buffer.alloc(8),
  fromJSON: Number,
  toJSON: Number,
  isValid: Number.isInteger,
  compare: () => 0,
});

const SNAPPY: Parameters<typeof avro.createFileDecoder>[1] = {
  codecs: {
    ...avro.streams.BlockDecoder.defaultCodecs(),
    snappy(data, done) {
      const rows = Buffer.from(uncompressSync(data.subarray(0, -4)));
      done(crc32(rows) === data.readUInt32BE(data.length - 4) ? null : new Error('checksum'), rows);
    },
  },
};

async function read(path: string): Promise<object[]> {
  const parseHook = (type: unknown) =>
    avro.Type.forSchema(type as never, { typeHook: (long) => (isLong(long) ? BIG : undefined) });
  const decoder = new avro.streams.BlockDecoder({ ...SNAPPY, parseHook });
  const rows: object[] = [];
  for await (const row of createReadStream(path).pipe(decoder)) rows.push({ ...(row as object) });
  return rows;
}

/** Writes rows, flushes now and then, closes; returns what the files hold, in order. */
async function stored(
  reads: Schema,
  rows: readonly object[],
  form: Form,
  options: Partial<AvroFilesOptions> = {},
  flushEach = Infinity,
): Promise<object[]> {
  const task = await avroFiles({ dir: folder(), ...options }).open(sinkContext(reads));
  for (const [i, values] of rows.entries()) {
    withRow(reads, values as never, form, (row) => task.write(row as never));
    if (i % flushEach === flushEach - 1) await task.flush!();
  }
  await task.close!();
  return (await Promise.all(task.outputs!().map(read))).flat();
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 120 }),
  fc.nat(300).map((n) => 'x'.repeat(n)),
  fc.integer({ min: 15, max: 70 }).map((n) => 'ü€😀'.repeat(n)),
);
const whole = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer({ min: -200, max: 200 }),
  fc.constantFrom(2 ** 53 - 1, 1 - 2 ** 53),
);
const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const someBytes = fc.uint8Array({ maxLength: 100 }).map((array) => Buffer.from(array));
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of);
const listOf = <T>(of: fc.Arbitrary<T>) => fc.array(of, { maxLength: 5 });
const anyRow = fc.record(
  {
    host: anyText,
    agent: maybe(anyText),
    n: whole,
    maybeN: maybe(whole),
    ratio: number,
    maybeRatio: maybe(number),
    ok: fc.boolean(),
    maybeOk: maybe(fc.boolean()),
    body: someBytes,
    maybeBody: maybe(someBytes),
    dt: whole,
    maybeDt: maybe(whole),
    tags: listOf(anyText),
    scores: maybe(listOf(maybe(number))),
    nested: listOf(listOf(whole)),
    flags: listOf(fc.boolean()),
  },
  { noNullPrototype: true },
);

/** JSON, in which lists travel, has no minus zero. */
const plus = (values: object): object =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map((v) => (v === 0 ? 0 : v)) : value,
    ]),
  );

describe('container files', () => {
  test.each(FORMS)('decode to the rows that were written (%s)', async (form) => {
    const codec = fc.constantFrom('null', 'deflate', 'snappy');
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRow, { maxLength: 12 }),
        codec,
        fc.integer({ min: 1, max: 6 }),
        async (rows, name, flushEach) => {
          const expected = rows.map((row) => ({ ...plus(row), n: row.n + 0, dt: row.dt + 0 }));
          expect(
            (await stored(All, rows.map(plus), form, { codec: name as never }, flushEach)).map(
              plus,
            ),
          ).toEqual(expected);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('are read by avsc as they are, with the schema in them', async () => {
    const reads = schema('web.request', { host: text(), dt: time(), agent: nullable(text()) });
    const row = { host: 'a', dt: 1, agent: null };
    const outputs = await drain(avroFiles({ dir: folder() }), reads, [row]);
    const decoder = avro.createFileDecoder(outputs[0]!);
    const metadata = new Promise<[avro.Type, string]>((seen) =>
      decoder.on('metadata', (type, codec) => seen([type, codec])),
    );
    const rows: object[] = [];
    for await (const decoded of decoder) rows.push({ ...decoded });
    const [type, codec] = await metadata;
    expect(rows).toEqual([row]);
    expect(type.name).toBe('web_request');
    expect(codec).toBe('deflate');
  });

  test('hold rows of any size, in blocks of about 64 KiB', async () => {
    const reads = schema('big', { body: text() });
    const rows = Array.from({ length: 300 }, (_, i) => ({
      body: String(i).padEnd(i === 150 ? 1_000_000 : 1000, 'é'),
    }));
    const task = await avroFiles({ dir: folder(), codec: 'null' }).open(sinkContext(reads));
    for (const values of rows) withRow(reads, values, 'slots', (row) => task.write(row as never));
    await task.close!();
    const sizes: number[] = [];
    const decoder = avro.createFileDecoder(task.outputs!()[0]!);
    decoder.on('block', (block: { rawDataLength: number }) => sizes.push(block.rawDataLength));
    const decoded: object[] = [];
    for await (const row of decoder) decoded.push({ ...row });
    expect(decoded).toEqual(rows);
    expect(sizes.length).toBeGreaterThan(8);
    for (const size of sizes.slice(0, -1)) expect(size).toBeGreaterThanOrEqual(65_536);
    expect(sizes.filter((size) => size > 70_000)).toHaveLength(1);
  });

  test('are smaller with a codec', async () => {
    const reads = schema('r', { body: text() });
    const rows = Array.from({ length: 200 }, (_, i) => ({
      body: `GET /wiki/Special:Search?page=${i} HTTP/1.1`,
    }));
    const sizeOf = async (codec: 'null' | 'deflate' | 'snappy'): Promise<number> => {
      const task = await avroFiles({ dir: folder(), codec }).open(sinkContext(reads));
      for (const values of rows) withRow(reads, values, 'spans', (row) => task.write(row as never));
      await task.close!();
      return readFileSync(task.outputs!()[0]!).length;
    };
    const plain = await sizeOf('null');
    expect(await sizeOf('deflate')).toBeLessThan(plain / 2);
    expect(await sizeOf('snappy')).toBeLessThan(plain / 2);
  });
});

describe('a sink of container files', () => {
  test('takes rows of different layouts in turn', async () => {
    const [rows] = fc.sample(fc.array(anyRow, { minLength: 40, maxLength: 40 }), {
      numRuns: 1,
      seed: 7,
    });
    const task = await avroFiles({ dir: folder() }).open(sinkContext(All));
    for (const [i, values] of rows!.entries()) {
      withRow(All, plus(values) as never, FORMS[i % FORMS.length]!, (row) =>
        task.write(row as never),
      );
    }
    await task.close!();
    const expected = rows!.map((row) => ({ ...plus(row), n: row.n + 0, dt: row.dt + 0 }));
    expect((await read(task.outputs!()[0]!)).map(plus)).toEqual(expected);
  });

  test('does not quote a row whose list is no JSON', async () => {
    const reads = schema('s', { tags: list(text()) });
    const task = await avroFiles({ dir: folder() }).open(sinkContext(reads));
    const emit = emitter('test', reads, (row) => {
      expect(() => task.write(row as never)).toThrow(/^The field "tags" holds no list.$/);
    });
    for (const piece of ['["secret', '"secret"', 'null']) {
      const base = emit[OVER]({ bytes: Buffer.from(piece) });
      base.spans[0] = 0;
      base.spans[1] = piece.length;
      emit[CUT]({});
    }
    await task.close!();
    expect.assertions(3);
  });

  test('takes rows of a wider schema, and only its own fields of them', async () => {
    const reads = schema('narrow', { b: text(), a: int() });
    const wide = extend(reads, { a: int(), x: text(), b: text() });
    const task = await avroFiles({ dir: folder() }).open(sinkContext(reads));
    withRow(wide, { a: 1, x: 'no', b: 'yes' }, 'spans', (row) => task.write(row as never));
    await task.close!();
    expect(await read(task.outputs!()[0]!)).toEqual([{ b: 'yes', a: 1 }]);
  });

  test('refuses sealed fields when it is opened, and rows that have one all the same', async () => {
    const sealed = schema('s', { ip: pii('ip') });
    await expect(avroFiles({ dir: folder() }).open(sinkContext(sealed))).rejects.toThrow(
      'The field "ip" is sealed',
    );
    const dir = folder();
    const task = await avroFiles({ dir, partition: '{ip}' }).open(
      sinkContext(schema('s', { ip: text() })),
    );
    withRow(sealed, { ip: '192.0.2.1' }, 'spans', (row) => {
      expect(() => task.write(row as never)).toThrow('The field "ip" is sealed');
    });
    await task.close!();
    expect(task.outputs!()).toEqual([]);
  });

  test('names the field that cannot be a name in Avro', async () => {
    const open = avroFiles({ dir: folder() }).open(
      sinkContext(schema('s', { 'user-agent': text() })),
    );
    await expect(open).rejects.toThrow('"user-agent"');
  });

  test('names the folder that cannot be written', async () => {
    const file = join(folder(), 'file');
    await writeFile(file, '');
    const open = avroFiles({ dir: join(file, 'out') }).open(sinkContext(schema('s', { a: int() })));
    await expect(open).rejects.toThrow(
      `The folder ${join(file, 'out')} cannot be written (ENOTDIR)`,
    );
  });

  test('refuses a codec that it does not know', async () => {
    const open = avroFiles({ dir: folder(), codec: 'zstd' as never }).open(
      sinkContext(schema('s', { a: int() })),
    );
    await expect(open).rejects.toThrow('There is no codec "zstd"');
  });

  test('keeps nothing of a row that could not be written', async () => {
    const reads = schema('s', { tags: list(int()), a: text() });
    const rows: object[] = [
      { tags: [1], a: 'x' },
      { tags: ['bad'], a: 'y' },
      { tags: [], a: 'z' },
    ];
    const task = await avroFiles({ dir: folder() }).open(sinkContext(reads));
    for (const [i, values] of rows.entries()) {
      withRow(reads, values as never, 'spans', (row) => {
        if (i === 1)
          expect(() => task.write(row as never)).toThrow('A list holds an entry that is no int.');
        else void task.write(row as never);
      });
    }
    await task.close!();
    expect(await read(task.outputs!()[0]!)).toEqual([rows[0], rows[2]]);
  });
});
