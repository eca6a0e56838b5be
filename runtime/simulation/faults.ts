/** What befalls a simulated machine, and when. @module */
import type { Coordinator } from './coordinator.js';
import type { Machine } from './machine/process.js';
import type { Chance } from './machine/random.js';

export const FAULTS = [
  'kill',
  'freeze',
  'cut',
  'slow',
  'full',
  'failing',
  'power',
  'jump',
] as const;
export type Fault = (typeof FAULTS)[number];

/** Which faults a run has: those of one kind show what the others would hide. */
export const PLANS: readonly (readonly Fault[])[] = [
  [],
  ['kill'],
  ['power'],
  ['kill', 'power', 'full'],
  ['kill', 'power', 'failing'],
  ['freeze', 'cut', 'slow', 'kill', 'jump'],
  FAULTS,
];

/** How long a fault that goes away by itself lasts, in milliseconds. */
const LASTING_MS = [20, 3000] as const;

export class Faults {
  readonly #machine: Machine;
  readonly #coordinator: Coordinator;
  readonly #looks: () => void;
  readonly hits = new Map<Fault, number>();

  /** @param looks called when the power is gone: what is on the disk now must do */
  constructor(machine: Machine, coordinator: Coordinator, looks: () => void) {
    this.#machine = machine;
    this.#coordinator = coordinator;
    this.#looks = looks;
  }

  /** Has some faults happen before `untilMs`. */
  plan(faults: readonly Fault[], untilMs: number): void {
    const { timeline, chance } = this.#machine;
    const count = faults.length === 0 ? 0 : chance.int(1, 6);
    for (let i = 0; i < count; i++) {
      const fault = chance.pick(faults);
      timeline.in(chance.between(0, untilMs), null, `fault ${fault}`, () => this.#hit(fault));
    }
  }

  /** All faults are over. */
  end(): void {
    const { disk, network, timeline } = this.#machine;
    disk.full = disk.failing = false;
    network.slowUntilMs = timeline.nowMs;
    for (const process of this.#coordinator.living) process.thaw();
  }

  #hit(fault: Fault): void {
    const { chance, disk, network, timeline } = this.#machine;
    const worker = chance.int(0, this.#coordinator.placement.workers - 1);
    const lastsMs = chance.between(...LASTING_MS);
    this.hits.set(fault, (this.hits.get(fault) ?? 0) + 1);
    if (fault === 'kill') this.#coordinator.kill(worker);
    else if (fault === 'freeze') this.#freeze(chance, lastsMs);
    else if (fault === 'cut') network.any()?.cut();
    else if (fault === 'slow') network.slowUntilMs = timeline.nowMs + lastsMs;
    else if (fault === 'jump') this.#machine.wallMs += Math.round(chance.between(-3.6e6, 3.6e6));
    else if (fault === 'power') {
      this.#coordinator.losePower(lastsMs);
      disk.losePower(chance);
      this.#looks();
    } else {
      disk[fault] = true;
      timeline.in(lastsMs, null, `${fault} is over`, () => void (disk[fault] = false));
    }
  }

  #freeze(chance: Chance, lastsMs: number): void {
    const { living } = this.#coordinator;
    if (living.length === 0) return;
    const process = chance.pick(living);
    process.freeze();
    this.#machine.timeline.in(lastsMs, null, `${process.name} thaws`, () => process.thaw());
  }
}
