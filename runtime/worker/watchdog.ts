/**
 * Notices from outside of its event loop that a worker is blocked: a thread of its own looks whether the loop
 * still turns, and asks who is at work if it does not.
 *
 * A thread of the same process, because it cannot lie: it stands still when the process does (SIGSTOP, a machine
 * that sleeps) and gets as little of a loaded machine, and it counts its own looks instead of trusting a clock. The
 * coordinator would take any of these for a worker that is blocked. A loop that does not turn is not enough: many slow
 * rows may lie in one turn. So it asks, by the inspector, which interrupts even an endless loop, how many messages were
 * begun; only when that stands still for as long, the process is ended. On the way of a row all of this costs nothing.
 *
 * @module
 */
import { url } from 'node:inspector';
import { Worker } from 'node:worker_threads';
import type { AtWork } from './at-work.js';
import { blockedMsOf, lookPeriodMs } from './standstill.js';

/** What the thread asks for, as JSON, by this name. */
export const ASKED = 'squall.at-work';

export interface Answer {
  readonly visits: number;
  readonly atWork: AtWork;
}

export interface Watched {
  readonly beats: Int32Array;
  readonly periodMs: number;
  readonly path: string;
}

/**
 * Starts to watch this process.
 * @param path where it is written what was at work
 */
export function watch(path: string, messageTimeoutMs: number, answer: () => Answer): void {
  // Whoever stops it in a debugger means to.
  if (url() !== undefined) return;
  const periodMs = lookPeriodMs(blockedMsOf(messageTimeoutMs));
  const beats = new Int32Array(new SharedArrayBuffer(4));
  Object.defineProperty(globalThis, Symbol.for(ASKED), { value: () => JSON.stringify(answer()) });
  setInterval(() => void Atomics.add(beats, 0, 1), periodMs / 2).unref();
  const thread = new Worker(new URL('./watchdog-thread.js', import.meta.url), {
    workerData: { beats, periodMs, path } satisfies Watched,
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
  });
  // Unwatched, it still works.
  thread.on('error', () => {});
  thread.unref();
}
