/** Ids on the command line. @module */
import { CommandError } from '../exit-codes.js';
import { printable } from './filters.js';

/** @throws CommandError when one is no letter's: it may be a slip of the hand */
export function refuseUnknown(
  stateDir: string,
  ids: readonly string[],
  known: ReadonlySet<string>,
): void {
  const unknown = ids.find((id) => !known.has(id));
  if (unknown !== undefined)
    throw new CommandError(
      `There is no dead letter ${printable(unknown)} in ${stateDir}, so nothing was done. "squall dlq list" shows which there are.`,
    );
}
