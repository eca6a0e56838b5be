/** One topology as nimbus knows it: what is desired of it, and what the supervisor has said. @module */
import { systemClock } from '../clock.js';
import type { Family } from '../metrics/exposition.js';
import { place, type Placement } from '../planner/place.js';
import type { Desired } from '../supervisor/desired.js';
import { Derivation, type Measurements } from './derive.js';
import { Past } from './history.js';
import { TopologyMetrics } from './metrics.js';
import type { Report } from './report.js';
import type { History, TopologyState, TopologyStatus } from './status.js';

export class Tracked {
  desired: Desired;
  readonly #stateDir: string;
  readonly #derivation = new Derivation();
  readonly #past = new Past(systemClock);
  readonly #metrics = new TopologyMetrics();
  #report: Report | null = null;
  #measurements: Measurements;
  #killed = false;

  constructor(desired: Desired, stateDir: string) {
    this.desired = desired;
    this.#stateDir = stateDir;
    this.#measurements = this.#derived({ state: 'starting', figures: null, atMs: 0 });
  }

  get isKilled(): boolean {
    return this.#killed;
  }

  killed(): void {
    this.#killed = true;
  }

  update(report: Report): void {
    this.#report = report;
    this.#measurements = this.#derived(report);
    if (report.figures !== null) this.#past.add(this.#measurements);
  }

  /** How the upgrade went that is desired now; null while that is open. */
  get trial(): Report['trial'] {
    const trial = this.#report?.trial ?? null;
    return trial?.generation === this.desired.generation ? trial : null;
  }

  /** Where its tasks are, as far as that is known. */
  get placement(): Placement {
    const { plan, workers } = this.desired.version;
    return this.#report?.figures?.placement ?? place(plan, workers);
  }

  history(): History {
    return this.#past.history();
  }

  /** As `/metrics` shows them; none before its supervisor has said anything. */
  families(): Family[] {
    return this.#report === null ? [] : this.#metrics.families(this.#report);
  }

  status(): TopologyStatus {
    const { name, generation, version, fallback, takenBack, submittedAt } = this.desired;
    const { plan, workers } = version;
    const { reason = null, reached = 0, restarts = 0 } = this.#report ?? {};
    return {
      ...{ name, state: this.#state(), reason, generation, reached },
      ...{
        planHash: plan.hash,
        onTrial: fallback !== undefined,
        takenBack,
        workers,
        submittedAt,
        restarts,
      },
      ...this.#measurements,
      stateDir: this.#stateDir,
    };
  }

  #derived(report: Pick<Report, 'state' | 'figures' | 'atMs'>): Measurements {
    return this.#derivation.next(
      report,
      place(this.desired.version.plan, this.desired.version.workers),
    );
  }

  #state(): TopologyState {
    if (this.#killed) return 'killing';
    return this.#report?.state ?? 'starting';
  }
}
