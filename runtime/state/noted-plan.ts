/**
 * Whose the state in a folder is: `<state>/plan`, the hash of the plan that made it and the name of
 * its topology, a line each, until its run has completed.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plan } from '../../topology/plan/plan.js';
import { writeAtomically } from './atomic-file.js';
import { whenMissing } from './system-error.js';

/** The state in a folder is of a run of another topology. */
export class StateOfAnother extends Error {
  override readonly name = 'StateOfAnother';

  constructor(stateDir: string, owner: string) {
    super(
      `The state folder ${stateDir} holds how far a run of the topology "${owner}" came before it was stopped or killed. Finish that run, or give another --state; delete the folder to give up what is in it, dead letters too.`,
    );
  }
}

/** @throws StateOfAnother when an unfinished run of another topology has its state here */
export async function refuseOtherTopology(stateDir: string, topology: string): Promise<void> {
  const [, owner = topology] = await readNote(stateDir);
  if (owner !== topology) throw new StateOfAnother(stateDir, owner);
}

/** Whether a run on this folder was stopped or killed, and is to go on. */
export const isUnfinished = async (stateDir: string): Promise<boolean> =>
  (await readNote(stateDir)).length > 0;

/** Notes the plan that runs on this folder now. Whether it is the one that did before; true when none did. */
export async function notePlan(
  stateDir: string,
  { hash, name }: Pick<Plan, 'hash' | 'name'>,
): Promise<boolean> {
  const [before = hash] = await readNote(stateDir);
  await writeAtomically(notePath(stateDir), `${hash}\n${name}`);
  return before === hash;
}

const notePath = (stateDir: string): string => join(stateDir, 'plan');

async function readNote(stateDir: string): Promise<string[]> {
  const note = await readFile(notePath(stateDir), 'utf8').catch(whenMissing(undefined));
  return note?.split('\n') ?? [];
}
