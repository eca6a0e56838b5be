/** A small disk, for tests of what happens when it is full. @module */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  readonly dir: string;
  /** Takes all room away, until `makeRoom`. */
  fill(): void;
  makeRoom(): void;
  unmount(): void;
}

/** Undefined, with one line on stderr, where mounting is not allowed. */
export function smallDisk(bytes: number): SmallDisk | undefined {
  const dir = mkdtempSync(join(tmpdir(), 'squall-disk-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'squall', dir]);
  if (status !== 0) {
    rmdirSync(dir);
    process.stderr.write('skipped: a file system cannot be mounted here\n');
    return undefined;
  }
  const filler = join(dir, 'filler');
  return {
    dir,
    fill: () => writeFileSync(filler, Buffer.alloc(bytes)),
    makeRoom: () => rmSync(filler),
    unmount() {
      spawnSync('umount', ['--lazy', dir]);
      rmdirSync(dir);
    },
  };
}
