/** `squall dlq replay`: sends letters through the topology as it is now. @module */
import { join } from 'node:path';
import type { Built } from '../../topology/plan/build.js';
import { replaying } from '../../runtime/replay/letter-spout.js';
import { owningLetters, settle } from '../../runtime/replay/owner.js';
import { createAtomically } from '../../runtime/state/atomic-file.js';
import type { KeptLetter } from '../../runtime/state/letter-segments.js';
import { isUnfinished } from '../../runtime/state/noted-plan.js';
import { replayFolder, writeSelection } from '../../runtime/state/replayed.js';
import { stateId } from '../../runtime/state/state-id.js';
import { EXIT } from '../exit-codes.js';
import { planned } from '../parameters.js';
import { operate, type RunOptions } from '../run-topology.js';
import { findTopology } from '../source.js';
import { stdoutForResult } from '../stdout.js';
import { count } from '../summary.js';
import { writingTo } from '../writing-to.js';
import { matching, type Filters } from './filters.js';
import { refuseUnknown } from './known-ids.js';
import { existing, readLetters, tellTrouble } from './reading.js';

export type ReplayOptions = RunOptions & Filters;

/** @throws CommandError and what `runTopology` throws when nothing was started */
export async function replay(
  name: string,
  ids: readonly string[],
  options: ReplayOptions,
): Promise<void> {
  if (options.inline) process.setSourceMapsEnabled(true);
  const print = stdoutForResult(options.json ?? false);
  // Before the topology is compiled into it.
  if (options.state !== undefined) existing(options.state);
  const { topology, module } = await findTopology(name, options.state ?? '.squall');
  const stateDir = existing(options.state ?? join('.squall', topology.name));
  const { built, parameters } = planned(topology, options.set);
  const own = replayFolder(stateDir);
  await writingTo(stateDir, () =>
    owningLetters(stateDir, async () => {
      const { selected, places, staying, all } = await select(stateDir, built, ids, options);
      for (const [why, letters] of staying)
        process.stderr.write(`${count(letters)} dead letters stay: ${why}\n`);
      // An unfinished one still has windows to emit, and files to give their names.
      if (selected === 0 && !(await isUnfinished(own)))
        return nothingToDo(stateDir, options, print);
      // Its sinks find what an unfinished run began, and runs what it began: never both at a time.
      await createAtomically(join(own, 'id'), await stateId(stateDir));
      await writeSelection(stateDir, places);
      await operate(
        {
          built: replaying(built, stateDir),
          parameters,
          source: { module, letters: stateDir },
          stateDir: own,
          settle: () => settle(stateDir),
        },
        options,
        print,
      );
      if (!all && process.exitCode === EXIT.done) process.exitCode = EXIT.partial;
    }),
  );
}

interface Selected {
  readonly selected: number;
  readonly places: Record<string, string[]>;
  /** How many of those that match cannot be sent, by why. */
  readonly staying: ReadonlyMap<string, number>;
  /** Whether none stays, and none cannot be read. */
  readonly all: boolean;
}

async function select(
  stateDir: string,
  built: Built,
  ids: readonly string[],
  filters: Filters,
): Promise<Selected> {
  const matches = matching(filters, ids);
  const known = new Set<string>();
  const places: Record<string, string[]> = {};
  const staying = new Map<string, number>();
  let selected = 0;
  const trouble = await readLetters(stateDir, (kept) => {
    known.add(kept.id);
    if (!matches(kept)) return;
    const why = obstacle(built, kept);
    if (why !== undefined) return void staying.set(why, (staying.get(why) ?? 0) + 1);
    (places[kept.letter.spout] ??= []).push(kept.place);
    selected++;
  });
  tellTrouble(trouble);
  refuseUnknown(stateDir, ids, known);
  return { selected, places, staying, all: staying.size === 0 && trouble.damage.length === 0 };
}

/** Why a letter cannot go into the topology. */
function obstacle({ plan, components }: Built, { letter }: KeptLetter): string | undefined {
  if (letter.topology !== plan.name) return `they are of the topology "${letter.topology}".`;
  const declared = components.get(letter.spout);
  if (declared?.role !== 'spout')
    return `they came from the spout "${letter.spout}", which the topology has no more. Name a spout so, or drop them.`;
  if (declared.component.revive === undefined)
    return `the spout "${letter.spout}" (${declared.component.kind}) cannot send its messages again: it has no "revive".`;
  return undefined;
}

function nothingToDo(
  stateDir: string,
  { json }: ReplayOptions,
  print: (text: string) => void,
): void {
  if (json)
    print(`${JSON.stringify({ outcome: 'completed', emitted: 0, acked: 0, deadLetters: 0 })}\n`);
  process.stderr.write(`There is nothing to replay in ${stateDir}.\n`);
}
