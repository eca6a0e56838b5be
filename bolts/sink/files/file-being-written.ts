/**
 * A file while rows go into it. It lies in the in-progress folder and moves to its final name when
 * it is whole, so whoever lists the final folder sees whole files only.
 *
 * Blocks wait in memory until they are durable, also when the disk refuses them: a block that was
 * written in part is written again at the same place, and after a failed fsync, which may have
 * dropped what it could not write (Rebello et al., "Can Applications Recover from fsync Failures?",
 * USENIX ATC 2020), everything since the last good one is.
 *
 * @module
 */
import { open, rename, type FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { BLOCK_BYTES, type Output } from '../rows/output.js';
import type { FileEncoder } from './file-format.js';
import { codeOf, makeFolder, namesIn, syncFolder } from './folders.js';

export class FileBeingWritten {
  /** Where it is until it is whole. */
  readonly path: string;
  readonly finalPath: string;
  /** In milliseconds since 1970. */
  readonly bornAt: number;
  /** Where rows are encoded: one, then `added()`. */
  readonly out: Output;
  readonly #encoder: FileEncoder;
  #rows = 0;
  #blocks: Buffer[] = [];
  #blockBytes = 0;
  /** How many bytes are durable. */
  #stored = 0;
  #handle: FileHandle | undefined;

  constructor(encoder: FileEncoder, path: string, finalPath: string, bornAt: number) {
    this.#encoder = encoder;
    this.out = encoder.out;
    this.path = path;
    this.finalPath = finalPath;
    this.bornAt = bornAt;
  }

  /** Bytes stored and sealed. */
  get size(): number {
    return this.#stored + this.#blockBytes;
  }

  /** A row was encoded. */
  added(): void {
    this.#rows++;
    if (this.out.at >= BLOCK_BYTES) this.seal();
  }

  /** Closes the block at hand: its rows belong to the next `store`. */
  seal(): void {
    if (this.#rows === 0) return;
    if (this.size === 0) this.#push(this.#encoder.header);
    this.#push(this.#encoder.block(this.#rows));
    this.#rows = 0;
  }

  #push(block: Buffer): void {
    this.#blocks.push(block);
    this.#blockBytes += block.length;
  }

  /** Makes durable what was sealed before the call. When it throws, call it again. */
  async store(): Promise<void> {
    const blocks = this.#blocks.slice();
    if (blocks.length === 0) return;
    this.#handle ??= await create(this.path);
    await writeAll(this.#handle, blocks, this.#stored);
    await this.#handle.datasync();
    const bytes = lengthOf(blocks);
    this.#stored += bytes;
    this.#blockBytes -= bytes;
    for (const block of this.#blocks.splice(0, blocks.length)) this.out.giveBack(block);
  }

  /** Gives the file its final name, unless there never was a row. After `store`; when it throws, call it again. */
  async finish(): Promise<'finished' | 'empty' | 'gone'> {
    if (this.#stored === 0) return 'empty';
    await this.#handle?.close();
    this.#handle = undefined;
    return (await moveWhole(this.path, this.finalPath)) ? 'finished' : 'gone';
  }
}

/**
 * Gives a whole and durable file its final name, durably. May be called again after a failure.
 *
 * @returns false when somebody else has moved it away, or deleted it
 */
export async function moveWhole(path: string, finalPath: string): Promise<boolean> {
  await makeFolder(dirname(finalPath));
  try {
    await rename(path, finalPath);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    // It may be there: the last try renamed it, and failed behind that.
    if (!(await namesIn(dirname(finalPath))).includes(basename(finalPath))) return false;
  }
  await syncFolder(dirname(finalPath));
  return true;
}

async function create(path: string): Promise<FileHandle> {
  await makeFolder(dirname(path));
  const handle = await open(path, 'w');
  try {
    await syncFolder(dirname(path));
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function writeAll(
  file: FileHandle,
  blocks: readonly Buffer[],
  position: number,
): Promise<void> {
  let rest = blocks;
  for (let at = position; rest.length > 0;) {
    const { bytesWritten } = await file.writev(rest, at);
    at += bytesWritten;
    rest = without(rest, bytesWritten);
  }
}

/** `blocks` but for the first `bytes`: a full disk takes a part before it refuses. */
function without(blocks: readonly Buffer[], bytes: number): Buffer[] {
  let left = bytes;
  return blocks.flatMap((block) => {
    const rest = block.subarray(Math.min(left, block.length));
    left -= block.length - rest.length;
    return rest.length === 0 ? [] : [rest];
  });
}

const lengthOf = (blocks: readonly Buffer[]): number =>
  blocks.reduce((sum, { length }) => sum + length, 0);
