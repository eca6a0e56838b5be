/** Keys change hands. @module */
import type { Entry, GroupState } from './group-state.js';

/** Groups that one task gives. */
interface Given {
  readonly from: number;
  readonly groups: readonly number[];
}

/** Copies what the givers have stored of the groups that a task takes; durable with its next flush. */
export async function takeOver(
  state: GroupState,
  given: readonly Given[],
  read: (task: number) => Promise<Iterable<Entry>>,
): Promise<void> {
  for (const { from, groups } of given) {
    const wanted = new Set(groups);
    const entries = await read(from);
    state.take([...entries].filter(([group]) => wanted.has(group)));
  }
}
