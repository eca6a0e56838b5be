/** Which plan the state in a folder was made by: `<state>/plan`, the hash of the plan. @module */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from './atomic-file.js';
import { whenMissing } from './system-error.js';

/** Notes the plan that runs on this folder now. Whether it is the one that did before; true when none did. */
export async function notePlan(stateDir: string, hash: string): Promise<boolean> {
  const path = join(stateDir, 'plan');
  const before = await readFile(path, 'utf8').catch(whenMissing(undefined));
  if (before !== hash) await writeAtomically(path, hash);
  return before === undefined || before === hash;
}
