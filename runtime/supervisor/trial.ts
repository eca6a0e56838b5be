/** Judges a new version by its first half minute: when it fails then, the one before comes back. @module */
import type { ComponentFigures } from '../coordinator/figures.js';

const TRIAL_MS = 30_000;
/** Fewer failed attempts say nothing. */
const FAILED_MIN = 100;

export class Trial {
  readonly #startMs = performance.now();

  /** Whether it is still to be judged. */
  get open(): boolean {
    return performance.now() - this.#startMs < TRIAL_MS;
  }

  /** Why it has failed; null when it has not, or not yet. */
  verdict(components: readonly ComponentFigures[]): string | null {
    const spouts = components.filter(({ role }) => role === 'spout');
    const failed = spouts.reduce((sum, each) => sum + each.failed, 0);
    const done = spouts.reduce((sum, each) => sum + each.executed, 0) - failed;
    if (!this.open || failed < FAILED_MIN || failed < done) return null;
    return `${failed} of its first ${failed + done} attempts failed`;
  }
}
