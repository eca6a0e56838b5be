/** Finds the end of the last whole line of a file that a crash may have torn. @module */
import type { FileHandle } from 'node:fs/promises';

/**
 * The bytes of `file` that are whole lines. A line with a zero byte, which JSON never has, ends it:
 * after a power cut a file may have its full length and zeros in it.
 */
export async function wholeLength(file: FileHandle): Promise<number> {
  const bytes = Buffer.alloc(CHUNK_BYTES);
  let whole = 0;
  for (let at = 0; ;) {
    const { bytesRead } = await file.read(bytes, 0, CHUNK_BYTES, at);
    const read = bytes.subarray(0, bytesRead);
    const zero = read.indexOf(0);
    const newline = read.lastIndexOf(NEWLINE, zero < 0 ? undefined : zero);
    if (newline >= 0) whole = at + newline + 1;
    if (zero >= 0 || bytesRead === 0) return whole;
    at += bytesRead;
  }
}

const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;
