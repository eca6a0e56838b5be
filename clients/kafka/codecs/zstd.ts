/** Zstandard (RFC 8878) by WebAssembly: Node brings it from 22.15 on only. @module */
import { compress, decompress, init } from '@bokuweb/zstd-wasm';

/** What a batch may become: brokers take 1 MiB compressed unless told otherwise. */
const DECOMPRESSED_BYTES_MAX = 256 * 1024 * 1024;
const FIRST_BYTES = 1024 * 1024;
/** That of the Java client. */
const LEVEL = 3;

let ready: Promise<void> | undefined;

export async function compressZstd(bytes: Buffer): Promise<Buffer> {
  await (ready ??= init());
  return bufferOf(compress(bytes, LEVEL));
}

/** @throws Error when it is torn, or larger than 256 MiB */
export async function decompressZstd(bytes: Buffer): Promise<Buffer> {
  await (ready ??= init());
  const known = contentSize(bytes);
  if (known !== undefined && known > DECOMPRESSED_BYTES_MAX) throw tooLarge();
  // The Java client streams, and does not know the size beforehand: then room is tried for.
  for (let size = FIRST_BYTES; ; size *= 4) {
    try {
      return bufferOf(decompress(bytes, { defaultHeapSize: size }));
    } catch (error) {
      if (known !== undefined) throw error;
      if (size >= DECOMPRESSED_BYTES_MAX) throw tooLarge();
    }
  }
}

/** What the frame's head says its content has in bytes (RFC 8878, 3.1.1.1), if it does. */
function contentSize(frame: Buffer): number | undefined {
  const descriptor = frame.readUInt8(4);
  const flag = descriptor >> 6;
  const single = (descriptor & 0x20) !== 0;
  if (flag === 0 && !single) return undefined;
  const at = 5 + (single ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]!;
  if (flag === 0) return frame.readUInt8(at);
  if (flag === 1) return frame.readUInt16LE(at) + 256;
  return flag === 2 ? frame.readUInt32LE(at) : Number(frame.readBigUInt64LE(at));
}

const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

const tooLarge = (): Error => new Error('A zstd batch is larger than 256 MiB, or torn.');
