/** `squall dlq drop`: gives letters up for good. @module */
import { dropAll, owningLetters } from '../../runtime/replay/owner.js';
import { removeLetters } from '../../runtime/state/removed-letters.js';
import { CommandError } from '../exit-codes.js';
import { count } from '../summary.js';
import { writingTo } from '../writing-to.js';
import { isFiltered, matching, type Filters } from './filters.js';
import { refuseUnknown } from './known-ids.js';
import { readLetters, stateFolder, tellTrouble } from './reading.js';

export interface DropOptions extends Filters {
  readonly state?: string;
  readonly all?: true;
  readonly json?: true;
}

/** @throws CommandError when it does not say which, or there are none of these ids; StateInUse */
export async function drop(
  name: string,
  ids: readonly string[],
  options: DropOptions,
): Promise<void> {
  const some = ids.length > 0 || isFiltered(options);
  if (some === (options.all ?? false))
    throw new CommandError(
      'Say which dead letters to drop: ids, or filters such as --reason; or --all alone.',
    );
  const state = await stateFolder(name, options.state);
  const { dropped, unread = false } = await writingTo(state, () =>
    owningLetters(state, () => (some ? dropSome(state, ids, options) : dropEach(state))),
  );
  const rest = unread ? ', and those that could not be read,' : '';
  const text = `${count(dropped)} dead letters${rest} dropped from ${state}\n`;
  process.stdout.write(options.json ? `${JSON.stringify({ state, dropped })}\n` : text);
}

interface Dropped {
  readonly dropped: number;
  readonly unread?: boolean;
}

async function dropSome(
  stateDir: string,
  ids: readonly string[],
  filters: Filters,
): Promise<Dropped> {
  const matches = matching(filters, ids);
  const known = new Set<string>();
  const places: string[] = [];
  const trouble = await readLetters(stateDir, (kept) => {
    known.add(kept.id);
    if (matches(kept)) places.push(kept.place);
  });
  tellTrouble(trouble);
  refuseUnknown(stateDir, ids, known);
  await removeLetters(stateDir, places);
  return { dropped: places.length };
}

/** Also those that nobody can read any more. */
async function dropEach(stateDir: string): Promise<Dropped> {
  let dropped = 0;
  const trouble = await readLetters(stateDir, () => void dropped++).catch(() => undefined);
  await dropAll(stateDir);
  return { dropped, unread: trouble === undefined || trouble.damage.length > 0 };
}
