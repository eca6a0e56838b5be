/**
 * Watches, in the files of a topology, when its spouts commit that messages are done: by task, and to some milliseconds.
 * So it is seen whoever of nimbus and the supervisor is away.
 *
 * @module
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How often the files are looked at. */
const LOOK_PERIOD_MS = 5;
/** Without any ack for as long, a topology has stalled. */
const STALL_MS = 1000;

export class Acks {
  readonly #folder: string;
  /** By file: how it was, and when it changed. */
  readonly #seen = new Map<string, { readonly is: string; readonly atMs: number }>();
  readonly #timer: NodeJS.Timeout;
  #lastMs = performance.now();
  /** How long nothing was acked, each time that was long. */
  readonly stallsMs: number[] = [];

  constructor(stateDir: string) {
    this.#folder = join(stateDir, 'commits');
    this.#look();
    this.#timer = setInterval(() => this.#look(), LOOK_PERIOD_MS);
  }

  /** Now, when all that is there has been seen. */
  mark(): number {
    this.#look();
    return performance.now();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /**
   * When one of these tasks committed something after `sinceMs` (monotonic); undefined when none has within `patienceMs`.
   * @param tasks as `<component>-<task>`; none: any
   */
  async after(
    sinceMs: number,
    tasks: readonly string[],
    patienceMs: number,
  ): Promise<number | undefined> {
    const files = tasks.map((task) => `${task}.log`);
    const isOne = (file: string): boolean => files.length === 0 || files.includes(file);
    while (performance.now() - sinceMs < patienceMs) {
      const times = [...this.#seen].flatMap(([file, { atMs }]) => (isOne(file) ? [atMs] : []));
      const since = times.filter((atMs) => atMs > sinceMs);
      if (since.length > 0) return Math.min(...since);
      await sleep(LOOK_PERIOD_MS);
    }
    return undefined;
  }

  #look(): void {
    const nowMs = performance.now();
    for (const file of filesIn(this.#folder)) {
      const is = stampOf(join(this.#folder, file));
      if (this.#seen.get(file)?.is === is) continue;
      this.#seen.set(file, { is, atMs: nowMs });
      if (nowMs - this.#lastMs > STALL_MS) this.stallsMs.push(nowMs - this.#lastMs);
      this.#lastMs = nowMs;
    }
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** A log grows, or is replaced by a shorter one. */
function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.ino} ${stat.size}`;
}
