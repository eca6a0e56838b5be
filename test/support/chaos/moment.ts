/** When to strike. @module */
import { setTimeout as sleep } from 'node:timers/promises';
import { committedIn } from './canonicalized.js';
import type { CliRun } from './cli-run.js';

/** Of the moments, so many are while the workers start. */
const STARTING = 1 / 6;
const STARTING_MS = 1500;
/** About what lies between two commits. */
const COMMIT_MS = 150;
const POLL_MS = 10;

/**
 * Waits for a moment that `random` chooses: some time after the workers were forked, or after so much of the input was
 * committed, up to all of it, when the tasks are being closed. By progress and not by the clock, so
 * that a run on a busy machine is struck as often as one on an idle one.
 *
 * @returns the workers that live then; none when the run has ended meanwhile
 */
export async function randomMoment(
  run: CliRun,
  folder: string,
  lines: number,
  random: () => number,
): Promise<number[]> {
  const when = random();
  await run.until('there were workers', () => run.workers().length > 0);
  const share = (when - STARTING) / (1 - STARTING);
  if (share >= 0) await untilCommitted(run, folder, share * lines);
  await sleep(share < 0 ? random() * STARTING_MS : random() * COMMIT_MS);
  return run.alive ? run.workers() : [];
}

/** Waits until so many messages are done for good, or the run has ended. */
export async function untilCommitted(run: CliRun, folder: string, messages: number): Promise<void> {
  while (run.alive && (await committedIn(folder)) < messages) await sleep(POLL_MS);
}
