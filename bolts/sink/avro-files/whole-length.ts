/**
 * Finds the end of the last whole block of a container file that a crash may have torn.
 *
 * Every block is decoded, not only measured: after a power cut a file may have its full length and
 * zeros in it. Only blocks that no flush had reported as stored can be torn, so cutting loses nothing.
 *
 * @module
 */
import type { FileHandle } from 'node:fs/promises';
import avro from 'avsc';
import { codecOf, type Codec } from './codec.js';
import { HEADER, MAGIC, SYNC_BYTES } from './container.js';

/** The bytes of `file` that are whole: 0 when there is no whole block; undefined when it is no container file. */
export async function wholeLength(file: FileHandle): Promise<number | undefined> {
  const { size } = await file.stat();
  const header = await readHeader(file, size);
  if (header === 'torn') return 0;
  if (header === undefined) return undefined;
  let whole = header.length;
  for (;;) {
    const end = await blockEnd(file, whole, size, header);
    if (end === undefined) return whole === header.length ? 0 : whole;
    whole = end;
  }
}

interface Header {
  readonly length: number;
  readonly type: avro.Type;
  readonly codec: Codec;
  readonly sync: Buffer;
}

async function readHeader(file: FileHandle, size: number): Promise<Header | 'torn' | undefined> {
  for (let length = Math.min(size, 64 * 1024); ; length = Math.min(size, 2 * length)) {
    const bytes = await read(file, 0, length);
    const magic = bytes.subarray(0, MAGIC.length);
    if (!magic.equals(MAGIC.subarray(0, magic.length))) return undefined;
    const { value, offset } = HEADER.decode(bytes);
    if (offset >= 0) return parseHeader(value, offset).catch(() => undefined);
    if (length === size) return 'torn';
  }
}

async function parseHeader(
  header: { meta: { [key: string]: Buffer }; sync: Buffer },
  length: number,
): Promise<Header> {
  const { 'avro.schema': schema, 'avro.codec': codec } = header.meta;
  const type = avro.Type.forSchema(JSON.parse(String(schema)), { typeHook: anyLong });
  return { length, type, codec: await codecOf(String(codec ?? 'null')), sync: header.sync };
}

const BLOCK_HEAD = avro.Type.forSchema({
  type: 'record',
  name: 'BlockHead',
  fields: [
    { name: 'rows', type: 'long' },
    { name: 'bytes', type: 'long' },
  ],
});
const BLOCK_HEAD_BYTES_MAX = 20;

/** Where the block at `start` ends; undefined when it is not whole. A disk that fails to read says nothing about that: it throws. */
async function blockEnd(
  file: FileHandle,
  start: number,
  size: number,
  header: Header,
): Promise<number | undefined> {
  const head = headIn(await read(file, start, Math.min(BLOCK_HEAD_BYTES_MAX, size - start)));
  if (head === undefined) return undefined;
  const length = head.bytes + SYNC_BYTES;
  const data = start + head.length;
  if (data + length > size) return undefined;
  return isWhole(await read(file, data, length), head.rows, header) ? data + length : undefined;
}

function headIn(bytes: Buffer): { rows: number; bytes: number; length: number } | undefined {
  try {
    const { value, offset } = BLOCK_HEAD.decode(bytes);
    return offset < 0 || value.rows <= 0 || value.bytes < 0
      ? undefined
      : { rows: value.rows, bytes: value.bytes, length: offset };
  } catch {
    return undefined;
  }
}

/** Whether `bytes` are `rows` rows and nothing else, and the marker. */
function isWhole(bytes: Buffer, rows: number, { codec, type, sync }: Header): boolean {
  if (!bytes.subarray(-SYNC_BYTES).equals(sync)) return false;
  try {
    const block = codec.decompress(bytes.subarray(0, -SYNC_BYTES));
    let at = 0;
    for (let i = 0; i < rows && at >= 0; i++) at = type.decode(block, at).offset;
    return at === block.length;
  } catch {
    return false;
  }
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, position);
  return bytes.subarray(0, bytesRead);
}

/** avsc refuses numbers from 2^53 - 1 on; here values do not matter. Also of `{ type: 'long', logicalType: … }`. */
const anyLong = (schema: unknown): avro.Type | undefined =>
  schema === 'long' ||
  (typeof schema === 'object' && schema !== null && 'type' in schema && schema.type === 'long')
    ? ANY_LONG
    : undefined;

const ANY_LONG = avro.types.LongType.__with({
  fromBuffer: () => 0,
  toBuffer: () => Buffer.alloc(8),
  fromJSON: () => 0,
  toJSON: () => 0,
  isValid: Number.isInteger,
  compare: () => 0,
});
