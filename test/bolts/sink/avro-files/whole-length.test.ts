import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import avro from 'avsc';
import { avroFiles } from '../../../../bolts/sink/avro-files/avro-files.js';
import type { CodecName } from '../../../../bolts/sink/avro-files/codec.js';
import { wholeLength } from '../../../../bolts/sink/avro-files/whole-length.js';
import { int, list, nullable, text, time } from '../../../../topology/rows/field.js';
import { schema } from '../../../../topology/rows/schema.js';
import { filesIn, finishedIn, folder, sinkContext, withRow } from '../support.js';

const Event = schema('event', {
  id: int(),
  name: nullable(text()),
  dt: nullable(time()),
  tags: list(text()),
});
const event = (id: number): { id: number; name: string | null; dt: number; tags: string[] } => ({
  id: id === 3 ? 1 - 2 ** 53 : id,
  name: id % 2 ? null : `name ${id}`,
  dt: 1_400_000_000_000 + id,
  tags: ['a', 'b'].slice(id % 3),
});

/** What a crash leaves of five blocks: the path in progress, below the folder, its bytes, and where each block ends. */
async function crashed(codec: CodecName): Promise<{ path: string; bytes: Buffer; ends: number[] }> {
  const dir = folder();
  const task = await avroFiles({ dir, codec, partition: '{dt:yyyy}' }).open(sinkContext(Event));
  const ends: number[] = [];
  for (let block = 0; block < 5; block++) {
    for (const id of [2 * block, 2 * block + 1])
      withRow(Event, event(id), 'slots', (row) => task.write(row as never));
    await task.flush!();
    ends.push(readFileSync(join(dir, filesIn(dir)[0]!)).length);
  }
  const path = filesIn(dir)[0]!;
  return { path, bytes: readFileSync(join(dir, path)), ends };
}

/** Opens the sink over a file in progress, and closes it; the rows that are in its final files. */
async function recovered(
  path: string,
  bytes: Buffer,
): Promise<{ ids: number[]; dir: string; warnings: string[] }> {
  const dir = folder();
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), bytes);
  const context = sinkContext(Event);
  const task = await avroFiles({ dir }).open(context);
  await task.close!();
  expect(task.outputs!()).toEqual(finishedIn(dir).map((file) => join(dir, file)));
  return { ids: await idsIn(dir), dir, warnings: context.warnings };
}

async function idsIn(dir: string): Promise<number[]> {
  const ids: number[] = [];
  for (const file of finishedIn(dir)) {
    const codecs = { ...avro.streams.BlockDecoder.defaultCodecs(), snappy };
    for await (const row of avro.createFileDecoder(join(dir, file), { codecs, parseHook }))
      ids.push(Number((row as { dt: number }).dt) - 1_400_000_000_000);
  }
  return ids;
}

const snappy = (data: Buffer, done: (error: null, rows: Buffer) => void): void => {
  void import('snappy').then(({ uncompressSync }) =>
    done(null, Buffer.from(uncompressSync(data.subarray(0, -4)))),
  );
};
/** avsc refuses the `id` of row 3. */
const parseHook = (type: any): avro.Type => {
  type.fields[0].type = { type: 'long', logicalType: 'any' };
  return avro.Type.forSchema(type, {
    typeHook: (long: any) => (long.logicalType === 'any' ? ANY : undefined),
  });
};
const ANY = avro.types.LongType.__with({
  fromBuffer: () => 0,
  toBuffer: () => Buffer.alloc(8),
  fromJSON: Number,
  toJSON: Number,
  isValid: () => true,
  compare: () => 0,
});

describe('a container file that a crash left', () => {
  test.each(['null', 'deflate', 'snappy'] as const)(
    'keeps its whole blocks, wherever it was torn (%s)',
    async (codec) => {
      const { path, bytes, ends } = await crashed(codec);
      const start = codec === 'null' ? 0 : ends[0]!; // the same header, but for a word
      for (let length = start; length <= bytes.length; length++) {
        const blocks = ends.filter((end) => end <= length).length;
        const { ids, dir, warnings } = await recovered(path, bytes.subarray(0, length));
        expect(ids).toEqual(Array.from({ length: 2 * blocks }, (_, id) => id));
        expect(filesIn(dir)).toHaveLength(blocks > 0 ? 1 : 0);
        expect(warnings).toEqual([]);
      }
    },
    60_000,
  );

  test('gets the folder that its rows belong to', async () => {
    const { path, bytes } = await crashed('deflate');
    const { dir } = await recovered(path, bytes);
    expect(filesIn(dir)).toEqual([expect.stringMatching(/^2014\/archive-0-.*\.avro$/)]);
  });

  test.each(['null', 'deflate', 'snappy'] as const)(
    'loses a block that is zeros in part, and what is behind it (%s)',
    async (codec) => {
      const { path, bytes, ends } = await crashed(codec);
      for (let at = ends[2]! + 2; at < ends[3]!; at += 5) {
        const torn = Buffer.from(bytes);
        torn.fill(0, at, ends[3]!);
        expect((await recovered(path, torn)).ids).toEqual([0, 1, 2, 3, 4, 5]);
      }
    },
  );

  test('whose blocks have all their markers is still cut where one does not decode', async () => {
    const { bytes, ends } = await crashed('null');
    const path = join(folder(), 'f.avro');
    const torn = Buffer.from(bytes);
    torn.fill(0xff, ends[1]! + 2, ends[2]! - 16);
    writeFileSync(path, torn);
    const file = await open(path);
    expect(await wholeLength(file)).toBe(ends[1]);
    await file.close();
  });

  test('that is none is left, and said', async () => {
    const { path, bytes } = await crashed('null');
    const noMagic = Buffer.concat([Buffer.from('PK'), bytes]);
    const noSchema = Buffer.from(
      bytes.toString('latin1').replace('avro.schema', 'avro.schemu'),
      'latin1',
    );
    const otherCodec = Buffer.from(
      bytes.toString('latin1').replace('\x08null', '\x08zstd'),
      'latin1',
    );
    for (const other of [noMagic, noSchema, otherCodec, Buffer.alloc(100)]) {
      const { dir, warnings } = await recovered(path, other);
      expect(filesIn(dir)).toEqual([path]);
      expect(readFileSync(join(dir, path))).toEqual(other);
      expect(warnings).toEqual([expect.stringContaining('no .avro file')]);
    }
  });
});

test('files of an earlier life are read by the schema in them', async () => {
  const { path, bytes } = await crashed('deflate');
  const dir = folder();
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, 'copy'), bytes);
  copyFileSync(join(dir, 'copy'), join(dir, path));
  const task = await avroFiles({ dir }).open(sinkContext(schema('other', { x: text() })));
  await task.close!();
  expect(readFileSync(task.outputs!()[0]!)).toEqual(bytes);
});
