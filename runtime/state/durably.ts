/**
 * Waits out a full or failing disk, and a server that cannot be reached: the run stalls, visibly, and goes on when there is room again.
 * Nothing is dropped and nothing crashes; backpressure reaches the source.
 *
 * @module
 */
import type { Clock } from '../clock.js';
import { codeOf } from './system-error.js';

const RETRIED = new Set([
  ...['ENOSPC', 'EDQUOT', 'EIO', 'EAGAIN'],
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['ENOTFOUND', 'EAI_AGAIN'],
]);
const FIRST_DELAY_MS = 100;
const DELAY_MS_MAX = 2000;

/** Who is told. */
export interface Durably {
  readonly clock: Clock;
  /** The first try failed with this code, e.g. `ENOSPC`. Called once. */
  readonly onStall: (code: string) => void;
  /** A later try succeeded, or failed for good. Called once, after `onStall`. */
  readonly onResume: () => void;
}

/**
 * Runs an action that may be repeated until it succeeds, after 100 ms, then twice as long each time, at most 2 s.
 *
 * @throws whatever the action throws that more room or another try cannot mend
 *
 * @example
 * await durably(() => journal.flush(), { clock, onStall: (code) => warn(code), onResume: () => warn('ok') });
 */
export async function durably<T>(
  action: () => Promise<T>,
  { clock, onStall, onResume }: Durably,
): Promise<T> {
  for (let delayMs = 0; ; delayMs = Math.min(delayMs * 2 || FIRST_DELAY_MS, DELAY_MS_MAX)) {
    if (delayMs > 0) await new Promise<void>((done) => clock.setTimer(delayMs, done));
    try {
      const result = await action();
      if (delayMs > 0) onResume();
      return result;
    } catch (error) {
      const code = retriedCode(error);
      if (code === undefined) {
        if (delayMs > 0) onResume();
        throw error;
      }
      if (delayMs === 0) onStall(code);
    }
  }
}

function retriedCode(error: unknown): string | undefined {
  const code = codeOf(error);
  return code !== undefined && RETRIED.has(code) ? code : undefined;
}
