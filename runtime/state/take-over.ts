/** Keys change hands. @module */
import type { Entry, GroupState } from './group-state.js';

/** Groups that one task gives. */
interface Given {
  readonly from: number;
  readonly groups: readonly number[];
}

/** In one flush: other work of the worker goes on in between. */
const ENTRIES_MAX = 4_096;

/** Copies what the givers have stored of the groups that a task takes, which holds nothing of them; then it is durable. */
export async function takeOver(
  state: GroupState,
  given: readonly Given[],
  read: (task: number) => Promise<Iterable<Entry>>,
): Promise<void> {
  for (const { from, groups } of given) {
    const wanted = new Set(groups);
    let entries: Entry[] = [];
    for (const entry of await read(from)) {
      if (!wanted.has(entry[0])) continue;
      if (entries.push(entry) < ENTRIES_MAX) continue;
      state.take(entries);
      await state.flush();
      entries = [];
    }
    state.take(entries);
  }
  await state.flush();
}
