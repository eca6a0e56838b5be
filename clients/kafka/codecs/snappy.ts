/**
 * Snappy in the framing of xerial's snappy-java (SnappyOutputStream), which the Java client writes:
 *
 *     82 53 4e 41 50 50 59 00   magic "\x82SNAPPY\0"
 *     int32 version = 1         int32 oldest version that can read it = 1
 *     (int32 length, raw snappy of at most 32 KiB) ...
 *
 * @module
 */
import { compressSync, uncompressSync } from 'snappy';

const HEAD = Buffer.from('82534e4150505900' + '00000001' + '00000001', 'hex');
const MAGIC = HEAD.subarray(0, 8);
const BLOCK_BYTES = 32 * 1024;

/** Compresses, framed. */
export function compressXerial(bytes: Buffer): Buffer {
  const pieces: Buffer[] = [HEAD];
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    const block = compressSync(bytes.subarray(at, at + BLOCK_BYTES));
    const length = Buffer.allocUnsafe(4);
    length.writeInt32BE(block.length);
    pieces.push(length, block);
  }
  return Buffer.concat(pieces);
}

/** Decompresses both what is framed and what is not, as other clients write it. @throws Error when it is torn */
export function decompressXerial(bytes: Buffer): Buffer {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return raw(bytes);
  const pieces: Buffer[] = [];
  for (let at = HEAD.length; at < bytes.length;) {
    const end = at + 4 + bytes.readInt32BE(at);
    if (end <= at || end > bytes.length) throw new Error('A snappy block ends beyond its batch.');
    pieces.push(raw(bytes.subarray(at + 4, end)));
    at = end;
  }
  return Buffer.concat(pieces);
}

const raw = (bytes: Buffer): Buffer => Buffer.from(uncompressSync(bytes, { asBuffer: true }));
