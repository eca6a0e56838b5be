/**
 * Fails the messages that take too long.
 *
 * While storage cannot be written nothing times out; when it can again, every message has its full
 * time anew, as what waited must now be stored.
 *
 * @module
 */
import type { Timer } from '../clock.js';
import type { Core } from './core.js';

const PERIOD_MS = 250;

export class Timeouts {
  readonly #core: Core;
  #timer: Timer | null = null;
  #stalled = false;
  /** Time before it does not count. */
  #fromMs = -Infinity;

  constructor(core: Core) {
    this.#core = core;
  }

  start(): void {
    this.#timer = this.#core.ports.clock.setTimer(PERIOD_MS, () => {
      this.#expire();
      this.start();
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** Storage somewhere cannot be written, or can again. */
  stall(stalled: boolean): void {
    if (this.#stalled && !stalled) this.#fromMs = this.#core.ports.clock.monotonicMs();
    this.#stalled = stalled;
  }

  #expire(): void {
    this.#core.tick();
    const beforeMs = this.#core.nowMs - this.#core.options.messageTimeoutMs;
    if (!this.#stalled && beforeMs >= this.#fromMs) this.#expireBefore(beforeMs);
    this.#core.wake();
  }

  #expireBefore(beforeMs: number): void {
    const { keepers, ledger, options } = this.#core;
    const keeping = [...keepers].filter(({ count }) => count > 0);
    if (ledger.expire(beforeMs, { kind: 'timeout' }) === 0) return;
    const waitedS = options.messageTimeoutMs / 1000;
    for (const { component } of keeping)
      this.#core.notice(
        component,
        `messages time out after ${waitedS} s while it keeps rows that are not done. If it keeps them that long on purpose, as a window does, raise --message-timeout.`,
      );
  }
}
