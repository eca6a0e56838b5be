/** `squall dlq list`: how many dead letters there are, why, and which. Never their bytes. @module */
import type { KeptLetter } from '../../runtime/state/letter-segments.js';
import { count } from '../summary.js';
import { componentOf, matching, printable, reasonOf, type Filters } from './filters.js';
import { readLetters, stateFolder, tellTrouble, type Trouble } from './reading.js';

export interface ListOptions extends Filters {
  readonly state?: string;
  readonly limit: number;
  readonly json?: true;
}

/** A letter as it is listed. */
export interface Listed {
  readonly id: string;
  /** When it was given up. */
  readonly time: string;
  readonly component: string;
  readonly reason: string;
  readonly attempts: number;
  /** How often it was replayed and given up again. */
  readonly replays: number;
  readonly origin: unknown;
}

interface Group {
  readonly component: string;
  readonly reason: string;
  count: number;
}

export async function list(name: string, options: ListOptions): Promise<void> {
  const stateDir = await stateFolder(name, options.state);
  const matches = matching(options);
  const groups = new Map<string, Group>();
  const newest = new Newest(options.limit);
  let total = 0;
  const trouble = await readLetters(stateDir, (kept) => {
    total++;
    if (!matches(kept)) return;
    add(groups, kept);
    newest.add(kept);
  });
  const counts = [...groups.values()].sort((a, b) => b.count - a.count);
  const found = { state: stateDir, total, counts, letters: newest.letters().map(listed) };
  process.stdout.write(options.json ? json(found, trouble) : text(found, trouble));
  tellTrouble(trouble);
}

interface Found {
  readonly state: string;
  /** All there are; `counts` are of those that match. */
  readonly total: number;
  readonly counts: readonly Group[];
  readonly letters: readonly Listed[];
}

export const listed = ({ id, letter }: KeptLetter): Listed => ({
  id,
  time: new Date(letter.time).toISOString(),
  component: componentOf(letter),
  reason: reasonOf(letter),
  attempts: letter.attempts,
  replays: letter.replays ?? 0,
  origin: letter.origin,
});

function add(groups: Map<string, Group>, { letter }: KeptLetter): void {
  const component = componentOf(letter);
  const reason = reasonOf(letter);
  const key = `${component}\n${reason}`;
  const group = groups.get(key) ?? { component, reason, count: 0 };
  groups.set(key, group);
  group.count++;
}

/** Keeps the newest so many, without their bytes. */
class Newest {
  readonly #limit: number;
  #letters: KeptLetter[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  add({ place, id, letter }: KeptLetter): void {
    const { raw: _, besides: __, ...rest } = letter;
    this.#letters.push({ place, id, letter: { ...rest, raw: NOTHING } });
    if (this.#letters.length > 2 * this.#limit + SPARE) this.#letters = this.letters();
  }

  /** The newest last. */
  letters(): KeptLetter[] {
    const sorted = this.#letters.sort((a, b) => a.letter.time - b.letter.time);
    return this.#limit === 0 ? [] : sorted.slice(-this.#limit);
  }
}

const NOTHING = new Uint8Array(0);
const SPARE = 1000;

function json(found: Found, { damage, torn }: Trouble): string {
  const matched = matchedOf(found);
  return `${JSON.stringify({ ...found, matched, notices: [...damage, ...torn] })}\n`;
}

const matchedOf = ({ counts }: Found): number =>
  counts.reduce((sum, group) => sum + group.count, 0);

function text(found: Found, { damage }: Trouble): string {
  const { state, total, counts, letters } = found;
  const matched = matchedOf(found);
  const of = matched === total ? '' : `${count(matched)} of `;
  if (total === 0) return damage.length > 0 ? '' : `There are no dead letters in ${state}.\n`;
  const lines = [`${of}${count(total)} dead letters in ${state}`];
  for (const group of counts)
    lines.push(`  ${count(group.count)}× ${group.reason}, in ${group.component}`);
  if (letters.length > 0) lines.push('', ...table(letters));
  const hidden = matched - letters.length;
  if (hidden > 0) lines.push(`${count(hidden)} more, all older: give --limit to see them`);
  return `${lines.join('\n')}\n`;
}

const HEAD = ['id', 'given up', 'component', 'reason', 'attempts', 'origin'];

function table(letters: readonly Listed[]): string[] {
  const rows = letters.map(({ id, time, component, reason, attempts, origin }) => [
    ...[id, time, component, reason, String(attempts)],
    printable(JSON.stringify(origin) ?? ''),
  ]);
  const all = [HEAD, ...rows];
  const widths = HEAD.map((_, i) => Math.max(...all.map((row) => row[i]!.length)));
  return all.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  );
}
