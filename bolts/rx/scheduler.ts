/**
 * Time for operators, driven by the bolt's own: so virtual time, under the test kit, turns buffers, too.
 *
 * @module
 */
import { VirtualTimeScheduler } from 'rxjs';

export class TaskScheduler extends VirtualTimeScheduler {
  constructor(nowMs: number) {
    super(undefined, nowMs);
    this.frame = nowMs;
  }

  /** Runs what is due, in order, each at its own time. Time never goes back. */
  advance(nowMs: number): void {
    this.maxFrames = Math.max(nowMs, this.maxFrames);
    this.flush();
    this.frame = this.maxFrames;
  }
}
