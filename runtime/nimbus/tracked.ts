/** One topology as nimbus knows it: what is desired of it, and what the supervisor last said. @module */
import { Histogram } from '../metrics/histogram.js';
import { place } from '../planner/place.js';
import type { Desired } from '../supervisor/desired.js';
import type { Report } from './report.js';
import type { History, TopologyState, TopologyStatus } from './status.js';

export class Tracked {
  desired: Desired;
  readonly #stateDir: string;
  #report: Report | null = null;
  #killed = false;

  constructor(desired: Desired, stateDir: string) {
    this.desired = desired;
    this.#stateDir = stateDir;
  }

  get isKilled(): boolean {
    return this.#killed;
  }

  killed(): void {
    this.#killed = true;
  }

  update(report: Report): void {
    this.#report = report;
  }

  /** How the upgrade went that is desired now; null while that is open. */
  get trial(): Report['trial'] {
    const trial = this.#report?.trial ?? null;
    return trial?.generation === this.desired.generation ? trial : null;
  }

  history(): History {
    return { atMs: [], components: [] };
  }

  status(): TopologyStatus {
    const { desired } = this;
    const report = this.#report;
    const figures = report?.figures ?? null;
    const placement = figures?.placement ?? place(desired.version.plan, desired.version.workers);
    const spouts = (figures?.components ?? []).filter(({ role }) => role === 'spout');
    const sum = (of: 'emitted' | 'acked' | 'deadLetters'): number =>
      spouts.reduce((total, each) => total + each[of], 0);
    return {
      name: desired.name,
      state: this.#state(),
      reason: report?.reason ?? desired.note,
      generation: desired.generation,
      reached: report?.reached ?? 0,
      planHash: desired.version.plan.hash,
      workers: desired.version.workers,
      submittedAt: desired.submittedAt,
      restarts: report?.restarts ?? 0,
      rates: { emitted: 0, acked: 0, failed: 0 },
      emitted: sum('emitted'),
      acked: sum('acked'),
      deadLetters: sum('deadLetters'),
      lag: null,
      limit: null,
      components: placement.nodes.map(({ name, node, taskWorkers }, i) => {
        const component = figures?.components[i];
        const latency = Histogram.fromJSON(component?.latency ?? []);
        return {
          name,
          role: node.role,
          kind: node.kind,
          taskWorkers: [...taskWorkers],
          executed: component?.executed ?? 0,
          emitted: component?.emitted ?? 0,
          acked: component?.acked ?? 0,
          failed: component?.failed ?? 0,
          failedBy: { ...component?.failedBy },
          replayed: component?.replayed ?? 0,
          deadLetters: component?.deadLetters ?? 0,
          rates: { executed: 0, emitted: 0, acked: 0, failed: 0 },
          latencyMs: { p50: latency.quantileMs(0.5), p99: latency.quantileMs(0.99) },
          capacity: 0,
          open: component?.open ?? 0,
          pressure: 'idle' as const,
          lag: null,
        };
      }),
      edges: [],
      workerStatus: (figures?.workers ?? []).map(({ worker, pid, load }) => ({
        worker,
        pid,
        up: load !== null,
        inFlight: load?.inFlight ?? 0,
        outboxBytes: load?.outboxBytes ?? 0,
        busyRatio: Math.min(1, load?.busyRatio ?? 0),
      })),
      reasons: (figures?.reasons ?? []).map(([reason, count]) => [reason, count]),
      stateDir: this.#stateDir,
    };
  }

  #state(): TopologyState {
    if (this.#killed) return 'killing';
    return this.#report?.state ?? 'starting';
  }
}
