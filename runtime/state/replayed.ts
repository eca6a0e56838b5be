/**
 * What a replay of dead letters is to send, and how far it came:
 *
 *     <state>/replay/             the state folder of the replay itself
 *     <state>/replay/selection    JSON { spout: [place, …], … }, until the replay is over or settled
 *
 * Its spouts commit how many of their letters are acked, or dead letters again. So what is committed there is
 * removed here, durably and at once, without a second journal.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from './atomic-file.js';
import { readCommits } from './commits.js';
import { whenMissing } from './system-error.js';

/** The places of letters, by their spout, in the order in which they are sent. */
export type Selection = { readonly [spout: string]: readonly string[] };

export const replayFolder = (stateDir: string): string => join(stateDir, 'replay');

export const selectionPath = (stateDir: string): string =>
  join(replayFolder(stateDir), 'selection');

/** The folder must exist. */
export const writeSelection = (stateDir: string, selection: Selection): Promise<void> =>
  writeAtomically(selectionPath(stateDir), JSON.stringify(selection));

/** Undefined when there is no replay. */
export async function readSelection(stateDir: string): Promise<Selection | undefined> {
  const text = await readFile(selectionPath(stateDir), 'utf8').catch(whenMissing(undefined));
  return text === undefined ? undefined : JSON.parse(text);
}

/** Of the letters [start, end) of its spout's: what one task of the replay sends. */
export interface Share {
  readonly start: number;
  readonly end: number;
}

/** The partition of such a task; its position is the number of the next letter. */
export const partitionOf = ({ start, end }: Share): string => `letters ${start}-${end}`;

/** Divides so many letters among tasks: what lies together goes to one, as it mostly lies in one segment. */
export const sharesOf = (letters: number, tasks: number): Share[] =>
  Array.from({ length: tasks }, (_, task) => ({
    start: Math.floor((letters * task) / tasks),
    end: Math.floor((letters * (task + 1)) / tasks),
  }));

/** The places of the letters that a replay which is not settled is done with. */
export async function replayedPlaces(stateDir: string): Promise<string[]> {
  const selection = (await readSelection(stateDir)) ?? {};
  const done: string[] = [];
  for (const [spout, places] of Object.entries(selection)) {
    const { positions } = await readCommits(replayFolder(stateDir), spout);
    for (const [partition, position] of positions) {
      const start = Number(/^letters (\d+)-/.exec(partition)?.[1] ?? position);
      done.push(...places.slice(start, position));
    }
  }
  return done;
}
