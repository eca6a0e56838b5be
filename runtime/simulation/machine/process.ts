/** A process of the simulated machine: what it began goes on until it is frozen or killed. @module */
import type { Clock } from '../../clock.js';
import type { World } from '../../world.js';
import { ProcessStore, type Disk } from './disk.js';
import { ProcessTransport, type Network } from './network.js';
import type { Chance } from './random.js';
import type { Actor, Timeline } from './timeline.js';

/** What all processes of a machine share. */
export interface Machine {
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly disk: Disk;
  readonly network: Network;
  /** By how much the wall clock was set, in milliseconds. */
  wallMs: number;
}

export class Process implements Actor {
  readonly name: string;
  readonly world: World;
  readonly store: ProcessStore;
  readonly #machine: Machine;
  readonly #transport: ProcessTransport;
  readonly #deferred: (() => void)[] = [];
  #state: Actor['state'] = 'running';

  constructor(name: string, machine: Machine) {
    const { timeline, chance, disk, network } = machine;
    this.name = name;
    this.#machine = machine;
    this.store = new ProcessStore(disk, this, timeline, chance);
    this.#transport = new ProcessTransport(network, this);
    this.world = {
      clock: this.#clock(),
      store: this.store,
      transport: this.#transport,
      schedule: (turn) => void timeline.in(chance.between(0, 0.2), this, 'turn', turn),
    };
  }

  get state(): Actor['state'] {
    return this.#state;
  }

  defer(event: () => void): void {
    this.#deferred.push(event);
  }

  freeze(): void {
    if (this.#state === 'running') this.#state = 'frozen';
  }

  /** Goes on with all that came meanwhile. */
  thaw(): void {
    if (this.#state !== 'frozen') return;
    this.#state = 'running';
    for (const event of this.#deferred.splice(0))
      this.#machine.timeline.in(0, this, 'thawed', event);
  }

  /** As by kill -9: a write that was under way may have been done, or a part of it; peers read what was sent, and then the end. */
  kill(): void {
    if (this.#state === 'dead') return;
    this.#state = 'dead';
    this.store.abandon();
    this.#transport.abandon();
  }

  #clock(): Clock {
    const { timeline } = this.#machine;
    return {
      now: () => START_MS + Math.floor(timeline.nowMs) + this.#machine.wallMs,
      monotonicMs: () => timeline.nowMs,
      setTimer: (ms, call) => {
        const planned = timeline.in(Math.max(ms, 1), this, 'timer', call);
        return { cancel: () => void (planned.cancelled = true) };
      },
      clearTimer: (timer) => timer.cancel(),
    };
  }
}

const START_MS = Date.UTC(2016, 0, 1);
