/**
 * Where files lie until they are whole: `<dir>/.in-progress/<topology>.<component>.<state id>.<task>/`,
 * below that as in the final folder. A dot in front, so that readers of the folder pass it over, as
 * they do in Hive and Spark. With the id of the state folder, which has one run at a time: what is
 * there at the start of a task was left by a dead one, and no run on another folder touches it.
 *
 * @module
 */
import { join } from 'node:path';
import type { SinkContext } from '../../../topology/dsl/context.js';
import { namesIn, removeEmptyAbove } from './folders.js';
import { safeName } from './safe-name.js';

const IN_PROGRESS = '.in-progress';

/** The folder of this task alone. */
export const taskFolder = (dir: string, context: SinkContext): string =>
  join(dir, IN_PROGRESS, `${componentPart(context)}${context.task}`);

/** Without a dot in the names, so that no two components have the same. */
const componentPart = ({ topology, component, stateId }: SinkContext): string =>
  [topology, component, stateId]
    .map((name) => `${safeName(name).replaceAll('.', '%2E')}.`)
    .join('');

/** Folders of tasks of the same component that are no more, because it was scaled down. */
export async function foldersOfGoneTasks(dir: string, context: SinkContext): Promise<string[]> {
  const prefix = componentPart(context);
  const names = await namesIn(join(dir, IN_PROGRESS));
  return names
    .filter((name) => name.startsWith(prefix) && isTask(name.slice(prefix.length), context.tasks))
    .map((name) => join(dir, IN_PROGRESS, name));
}

const isTask = (text: string, min: number): boolean => /^\d+$/.test(text) && Number(text) >= min;

/** Removes the folder of a task when nothing is left in it. */
export const removeTaskFolder = (dir: string, folder: string): Promise<void> =>
  removeEmptyAbove(join(folder, '-'), dir);
