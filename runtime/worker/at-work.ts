/**
 * What a worker was at when its process ended, kept where its coordinator finds it:
 *
 *     <state>/at-work-<worker>     one line of JSON, and whatever longer lines have left behind it
 *
 * A first life writes it only at its end, so that it costs nothing: `last-words.ts`, `watchdog.ts`. A later one
 * also notes every step: `recorder.ts`.
 *
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Identity } from '../ledger/identity.js';

export interface AtWork extends Identity {
  readonly component?: string;
  /** Set by what knows why the process ends: the process itself, or its watchdog. */
  readonly end?: 'own' | 'blocked';
}

export const atWorkPath = (stateDir: string, worker: number): string =>
  join(stateDir, `at-work-${worker}`);

/** Nothing, when nothing or no whole line was written. */
export function readAtWork(path: string): AtWork {
  try {
    return JSON.parse(readFileSync(path, 'utf8').split('\n', 1)[0]!) as AtWork;
  } catch {
    return {};
  }
}

/** Called when the process is about to end: what cannot be written is not told. */
export function writeAtWork(path: string, atWork: AtWork): void {
  try {
    writeFileSync(path, `${JSON.stringify(atWork)}\n`, { mode: 0o600 });
  } catch {
    // Its end is what counts.
  }
}
