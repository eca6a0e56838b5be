/** Reads the dead letters of a state folder for a command, and says what it cannot read. @module */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { KeptLetter } from '../../runtime/state/letter-segments.js';
import {
  cannotBeRead,
  DeadLettersDamaged,
  readSegments,
} from '../../runtime/state/read-letters.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { lookAt } from '../source.js';

/** Of `<topology>` and `--state`: the folder of its runs. @throws CommandError when there is none */
export async function stateFolder(name: string, state: string | undefined): Promise<string> {
  // A file is looked at only if it must be: the letters can be read while it does not compile.
  if (state !== undefined) return existing(state);
  const topology = /[./\\]/.test(name) ? (await lookAt(name)).name : name;
  return existing(join('.squall', topology));
}

/** @throws CommandError when the folder is not there */
export function existing(stateDir: string): string {
  if (existsSync(stateDir)) return stateDir;
  throw new CommandError(
    `There is no state folder ${stateDir}, so there are no dead letters. Give the folder of the run with --state.`,
  );
}

/** What cannot be read, for people. */
export interface Trouble {
  /** Letters that are lost unless something is mended. */
  readonly damage: readonly string[];
  /** What is as it should be after a crash. */
  readonly torn: readonly string[];
}

/** Calls back with each letter, in the order of segments. @throws CommandError when there is no key */
export async function readLetters(
  stateDir: string,
  each: (kept: KeptLetter) => void,
): Promise<Trouble> {
  const damaged: string[] = [];
  const torn: string[] = [];
  let read = 0;
  try {
    for await (const segment of readSegments(stateDir)) {
      for (const kept of segment.letters) each(kept);
      read += segment.letters.length;
      damaged.push(...segment.damaged);
      if (segment.torn) torn.push(tornText(segment.file));
    }
  } catch (error) {
    if (error instanceof DeadLettersDamaged)
      throw new CommandError(`${error.message} ${GIVE_UP}`, EXIT.failed);
    throw error;
  }
  return { damage: damaged.length === 0 ? [] : [damageText(stateDir, damaged, read)], torn };
}

/** Says it on stderr, and has the command fail when there is damage. */
export function tellTrouble({ damage, torn }: Trouble): void {
  for (const text of [...damage, ...torn]) process.stderr.write(`${text}\n`);
  if (damage.length > 0) process.exitCode = EXIT.failed;
}

const GIVE_UP = 'Put the key back, or give them up with "squall dlq drop <topology> --all".';

const damageText = (stateDir: string, damaged: readonly string[], read: number): string =>
  read > 0
    ? cannotBeRead(damaged)
    : `None of the dead letters in ${stateDir} can be opened: ${join(stateDir, 'dead-letters.key')} is not the key that they were sealed with, or they were changed. ${GIVE_UP}`;

const tornText = (file: string): string =>
  `The last record of ${file} is torn: its writer was killed, or is at work. It counts as no letter; its message is not committed either, and is read again.`;
