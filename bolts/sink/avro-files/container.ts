/**
 * Avro object container files (Avro 1.11, "Object Container Files").
 *
 *     file    header block*
 *     header  "Obj" 1, map of bytes { avro.schema, avro.codec }, sync (16 random bytes)
 *     block   long rows, long bytes, the rows compressed, sync
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import avro from 'avsc';
import type { AvroRecord } from '../../../schemas/avro-schema.js';
import type { FileEncoder } from '../files/file-format.js';
import { Output } from '../rows/output.js';
import type { Codec } from './codec.js';
import { LONG_BYTES_MAX, putLong } from './encoding.js';

export const MAGIC = Buffer.from('Obj\u0001');
export const SYNC_BYTES = 16;

export const HEADER = avro.Type.forSchema({
  type: 'record',
  name: 'Header',
  fields: [
    { name: 'magic', type: { type: 'fixed', name: 'Magic', size: MAGIC.length } },
    { name: 'meta', type: { type: 'map', values: 'bytes' } },
    { name: 'sync', type: { type: 'fixed', name: 'Sync', size: SYNC_BYTES } },
  ],
});

/** Room for `rows` and `bytes`, which are known when the block is full. */
const HEAD_BYTES = 2 * LONG_BYTES_MAX;

/** A new file of rows of `schema`. */
export function containerFile(schema: AvroRecord, codec: Codec): FileEncoder {
  const sync = randomBytes(SYNC_BYTES);
  const out = new Output(HEAD_BYTES);
  const meta = {
    'avro.schema': Buffer.from(JSON.stringify(schema)),
    'avro.codec': Buffer.from(codec.name),
  };
  return {
    header: HEADER.toBuffer({ magic: MAGIC, meta, sync }),
    out,
    block: (rows) =>
      codec.name === 'null'
        ? blockInPlace(out, rows, sync)
        : compressedBlock(out, rows, sync, codec),
  };
}

/** Puts the head right before the rows and the sync marker right behind: nothing is copied. */
function blockInPlace(out: Output, rows: number, sync: Buffer): Buffer {
  const head = headOf(rows, out.at - HEAD_BYTES);
  out.room(SYNC_BYTES);
  sync.copy(out.bytes, out.at);
  out.at += SYNC_BYTES;
  head.copy(out.bytes, HEAD_BYTES - head.length);
  return out.take().subarray(HEAD_BYTES - head.length);
}

function compressedBlock(out: Output, rows: number, sync: Buffer, codec: Codec): Buffer {
  const data = codec.compress(out.bytes.subarray(HEAD_BYTES, out.at));
  out.clear();
  return Buffer.concat([headOf(rows, data.length), data, sync]);
}

function headOf(rows: number, bytes: number): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  return head.subarray(0, putLong(head, putLong(head, 0, rows), bytes));
}
