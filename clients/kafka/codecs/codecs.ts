/**
 * The codecs of record batches (Kafka protocol, "Record Batch", attributes bits 0-2), each as the Java client writes and reads it.
 *
 * | name   | id | format                                               |
 * |--------|----|------------------------------------------------------|
 * | gzip   | 1  | RFC 1952                                             |
 * | snappy | 2  | xerial's framing; raw snappy is read, too            |
 * | lz4    | 3  | LZ4 frame 1.6                                        |
 * | zstd   | 4  | RFC 8878                                             |
 *
 * @module
 */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import kafkajs from 'kafkajs';
import { compressFrameSync, decompressFrameSync } from 'lz4-napi';
import { compressXerial, decompressXerial } from './snappy.js';
import { compressZstd, decompressZstd } from './zstd.js';

/** How a batch is compressed. */
export type Compression = keyof typeof CODECS;

export interface Codec {
  readonly id: number;
  compress(bytes: Buffer): Buffer | Promise<Buffer>;
  decompress(bytes: Buffer): Buffer | Promise<Buffer>;
}

const CODECS = {
  none: { id: 0, compress: same, decompress: same },
  gzip: { id: 1, compress: promisify<Buffer, Buffer>(gzip), decompress: promisify(gunzip) },
  snappy: { id: 2, compress: compressXerial, decompress: decompressXerial },
  lz4: { id: 3, compress: compressFrameSync, decompress: decompressFrameSync },
  zstd: { id: 4, compress: compressZstd, decompress: decompressZstd },
} satisfies { [name: string]: Codec };

/** @throws Error when there is no codec of that name */
export function codecOf(name: Compression): Codec {
  if (Object.hasOwn(CODECS, name)) return CODECS[name];
  throw new Error(
    `Kafka knows no compression "${String(name)}". Choose one of ${Object.keys(CODECS).join(', ')}.`,
  );
}

/** Has kafkajs, which brings gzip only, read and write all of them. Any number of times. */
export function registerCodecs(): void {
  const known: { [id: number]: () => object } = kafkajs.CompressionCodecs;
  for (const { id, compress, decompress } of Object.values<Codec>(CODECS)) {
    if (id === 0) continue;
    known[id] = () => ({
      compress: async ({ buffer }: { buffer: Buffer }) => compress(buffer),
      decompress: async (bytes: Buffer) => decompress(bytes),
    });
  }
}

function same(bytes: Buffer): Buffer {
  return bytes;
}
