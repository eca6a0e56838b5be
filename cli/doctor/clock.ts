/** Whether the clock can be believed: windows, files' names and dead letters have its time. @module */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { whenMissing } from '../../runtime/state/system-error.js';
import { fail, ok, warn, type Check } from './check.js';

/** Squall is no older. */
const YEAR_LEAST = 2026;
const YEAR_MOST = 2100;
const AHEAD_MS_MAX = 60_000;

/** @param stateDir whose files must not be of the future: then the clock was put back */
export async function clockCheck(stateDir: string, nowMs = Date.now()): Promise<Check> {
  const found = new Date(nowMs).toISOString();
  const year = new Date(nowMs).getUTCFullYear();
  if (year < YEAR_LEAST || year > YEAR_MOST) return fail('clock', found, SET);
  const aheadMs = (await newestMs(stateDir)) - nowMs;
  if (aheadMs <= AHEAD_MS_MAX) return ok('clock', found);
  const behind = `${found}, ${Math.round(aheadMs / 1000)} s before files in ${stateDir} were written`;
  return warn('clock', behind, SET);
}

const SET = 'Set it, and keep it so: timedatectl set-ntp true';

async function newestMs(folder: string): Promise<number> {
  const names = await readdir(folder).catch(whenMissing<string[]>([]));
  const stats = await Promise.all(
    names.map((name) => stat(join(folder, name)).catch(whenMissing(undefined))),
  );
  return Math.max(0, ...stats.map((found) => found?.mtimeMs ?? 0));
}
