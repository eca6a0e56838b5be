/**
 * Where files lie until they are whole: `<dir>/.in-progress/<topology>.<component>.<task>/`, below
 * that as in the final folder. A dot in front, so that readers of the folder pass it over, as they
 * do in Hive and Spark.
 *
 * @module
 */
import { open, readdir, unlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { SinkContext } from '../../../topology/dsl/context.js';
import { moveWhole } from './file-being-written.js';
import type { FileFormat } from './file-format.js';
import { namesIn, removeEmptyAbove } from './folders.js';
import { safeName } from './safe-name.js';

const IN_PROGRESS = '.in-progress';

/** The folder of this task alone. */
export const taskFolder = (dir: string, context: SinkContext): string =>
  join(dir, IN_PROGRESS, `${componentPart(context)}${context.task}`);

/** Without a dot in the names, so that no two components have the same. */
const componentPart = ({ topology, component }: SinkContext): string =>
  [topology, component].map((name) => `${safeName(name).replaceAll('.', '%2E')}.`).join('');

/**
 * Finishes what an earlier life of this task left: cuts a torn block off the end, gives the file its
 * final name, deletes it when no row is in it. Task 0 does so also for tasks that are no more,
 * because the component was scaled down; no other task's files are touched.
 *
 * @returns the final paths
 */
export async function recover(dir: string, context: SinkContext, format: FileFormat): Promise<string[]> {
  const recovered: string[] = [];
  for (const folder of await foldersToRecover(dir, context)) {
    for (const path of await filesBelow(folder)) {
      const finalPath = join(dir, relative(folder, path));
      if (await recoverFile(path, finalPath, format, context)) recovered.push(finalPath);
      await removeEmptyAbove(path, folder);
    }
    if (folder !== taskFolder(dir, context)) await removeEmptyAbove(join(folder, '-'), dir);
  }
  return recovered;
}

async function foldersToRecover(dir: string, context: SinkContext): Promise<string[]> {
  const own = taskFolder(dir, context);
  if (context.task !== 0) return [own];
  const prefix = componentPart(context);
  const names = await namesIn(join(dir, IN_PROGRESS));
  const gone = names.filter((name) => name.startsWith(prefix) && isTask(name.slice(prefix.length), context.tasks));
  return [own, ...gone.map((name) => join(dir, IN_PROGRESS, name))];
}

const isTask = (text: string, min: number): boolean => /^\d+$/.test(text) && Number(text) >= min;

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Whether there is a final file now. */
async function recoverFile(path: string, finalPath: string, format: FileFormat, { warn }: SinkContext): Promise<boolean> {
  const whole = path.endsWith(format.extension) ? await cutTorn(path, format) : undefined;
  if (whole === undefined) {
    warn(`${dirname(path)} holds a file that is no whole ${format.extension} file: it was left there. Move it away.`);
    return false;
  }
  if (whole === 0) await unlink(path);
  else await moveWhole(path, finalPath);
  return whole > 0;
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

/** Removes the task's folder when nothing is left in it. */
export const removeTaskFolder = (dir: string, context: SinkContext): Promise<void> =>
  removeEmptyAbove(join(taskFolder(dir, context), '-'), dir);
