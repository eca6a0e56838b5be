/** What is done with files that a crash left behind. @module */
import { open, readdir, unlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { SinkContext } from '../../../topology/dsl/context.js';
import { moveWhole } from './file-being-written.js';
import type { FileFormat } from './file-format.js';
import { removeEmptyAbove } from './folders.js';
import { foldersOfGoneTasks, removeTaskFolder, taskFolder } from './in-progress.js';

/**
 * Finishes what an earlier life of this task left: cuts a torn block off the end, gives the file its
 * final name, deletes it when no row is in it. Task 0 does so also for tasks that are no more,
 * because the component was scaled down; no other task's files are touched.
 *
 * @returns the final paths
 */
export async function recover(
  dir: string,
  context: SinkContext,
  format: FileFormat,
): Promise<string[]> {
  const recovered = await recoverFolder(dir, taskFolder(dir, context), format, context);
  if (context.task > 0) return recovered;
  for (const folder of await foldersOfGoneTasks(dir, context)) {
    recovered.push(...(await recoverFolder(dir, folder, format, context)));
    await removeTaskFolder(dir, folder);
  }
  return recovered;
}

async function recoverFolder(
  dir: string,
  folder: string,
  format: FileFormat,
  { warn }: SinkContext,
): Promise<string[]> {
  const recovered: string[] = [];
  for (const path of await filesBelow(folder)) {
    const finalPath = join(dir, relative(folder, path));
    const outcome = await recoverFile(path, finalPath, format);
    if (outcome === 'finished') recovered.push(finalPath);
    if (outcome === 'left') warn(leftThere(folder, format));
    await removeEmptyAbove(path, folder);
  }
  return recovered;
}

const leftThere = (folder: string, { extension }: FileFormat): string =>
  `In ${folder} there is a file that this sink did not make, or that is damaged (no ${extension} file): it was left there. Move it away.`;

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

async function recoverFile(
  path: string,
  finalPath: string,
  format: FileFormat,
): Promise<'finished' | 'deleted' | 'left'> {
  const whole = path.endsWith(format.extension) ? await cutTorn(path, format) : undefined;
  if (whole === undefined) return 'left';
  if (whole > 0) await moveWhole(path, finalPath);
  else await unlink(path);
  return whole > 0 ? 'finished' : 'deleted';
}

/** Durably cuts a file after its last whole block; returns the bytes that stay. */
async function cutTorn(path: string, format: FileFormat): Promise<number | undefined> {
  const file = await open(path, 'r+');
  try {
    const whole = await format.wholeLength(file);
    if (whole === undefined || whole === 0) return whole;
    await file.truncate(whole);
    await file.sync();
    return whole;
  } finally {
    await file.close();
  }
}
