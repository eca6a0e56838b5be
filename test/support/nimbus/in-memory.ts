/** Topologies that run nowhere: what the API is tested over, and whose figures a test sets. */
import type { Exposition } from '../../../runtime/metrics/exposition.js';
import {
  Refused,
  type Operations,
  type ScaleRequest,
  type ScaleResult,
  type Submission,
  type UpgradeRequest,
  type UpgradeResult,
} from '../../../runtime/nimbus/operations.js';
import type { ComponentStatus, History, TopologyStatus } from '../../../runtime/nimbus/status.js';

export class InMemory implements Operations {
  readonly #topologies = new Map<string, TopologyStatus>();
  readonly #listeners = new Set<() => void>();
  /** What came in, in order. */
  readonly asked: unknown[] = [];
  logFiles: string[] = [];
  isReady = true;

  get watchers(): number {
    return this.#listeners.size;
  }

  /** Sets some figures of one, which is made when it is not there. */
  put(name: string, figures: Partial<TopologyStatus> = {}): TopologyStatus {
    const status = { ...(this.#topologies.get(name) ?? statusOf(name)), ...figures };
    this.#topologies.set(name, status);
    return status;
  }

  forget(name: string): void {
    this.#topologies.delete(name);
  }

  /** A second has passed. */
  tick(): void {
    for (const listener of this.#listeners) listener();
  }

  list(): readonly TopologyStatus[] {
    return [...this.#topologies.values()];
  }

  show(name: string): TopologyStatus {
    const status = this.#topologies.get(name);
    if (status !== undefined) return status;
    throw new Refused(404, 'no-such-topology', `There is no topology "${name}".`);
  }

  history(name: string): History {
    const { components } = this.show(name);
    const rate = [null, 12.5];
    return {
      atMs: [1, 2],
      components: components.map((each) => ({
        name: each.name,
        rate,
        p99Ms: rate,
        capacity: [null, 1],
      })),
    };
  }

  async submit(submission: Submission): Promise<TopologyStatus> {
    this.asked.push({ submit: submission });
    const { name = 'web', workers } = submission;
    if (this.#topologies.has(name)) throw new Refused(409, 'name-taken', `"${name}" is there.`);
    return this.put(name, { workers, state: 'starting', reached: 0 });
  }

  async scale(name: string, request: ScaleRequest): Promise<ScaleResult> {
    this.asked.push({ scale: request });
    const { components, generation } = this.show(name);
    const changes = Object.entries(request.tasks).map(([component, to]) => {
      const from = components.find((each) => each.name === component)?.taskWorkers.length;
      if (from === undefined) throw new Refused(422, 'no-such-bolt', `No bolt "${component}".`);
      return { component, from, to, moves: ['0-127: 0 -> 1'], pause: 'about 50 ms' };
    });
    if (!request.dryRun) this.put(name, { generation: generation + 1 });
    return { dryRun: request.dryRun, changes };
  }

  pause = async (name: string): Promise<TopologyStatus> => this.#to(name, 'paused');
  resume = async (name: string): Promise<TopologyStatus> => this.#to(name, 'running');
  drain = async (name: string): Promise<TopologyStatus> => this.#to(name, 'draining');
  kill = async (name: string): Promise<TopologyStatus> => this.#to(name, 'killing');

  async upgrade(name: string, request: UpgradeRequest): Promise<UpgradeResult> {
    this.asked.push({ upgrade: request });
    const { planHash } = this.show(name);
    return {
      dryRun: request.dryRun,
      fromHash: planHash,
      toHash: 'ffff',
      changes: ['parse: changed'],
    };
  }

  async logs(name: string): Promise<readonly string[]> {
    this.show(name);
    return this.logFiles;
  }

  async metrics(): Promise<Exposition> {
    return { contentType: 'text/plain; version=0.0.4; charset=utf-8', text: 'squall_up 1\n' };
  }

  ready(): boolean {
    return this.isReady;
  }

  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #to(name: string, state: TopologyStatus['state']): TopologyStatus {
    const { generation } = this.show(name);
    this.asked.push({ [name]: state });
    return this.put(name, { state, generation: generation + 1 });
  }
}

const component = (
  name: string,
  role: ComponentStatus['role'],
  figures: Partial<ComponentStatus> = {},
): ComponentStatus => ({
  ...{ name, role, kind: role, taskWorkers: [0, 1] },
  ...{ executed: 10, emitted: 10, acked: 9, failed: 1, failedBy: { rejected: 1 } },
  ...{ replayed: 0, deadLetters: 0, rates: { executed: 5, emitted: 5, acked: 5, failed: 0 } },
  ...{ latencyMs: { p50: 0.2, p99: 1.5 }, capacity: 0.25, open: 0, pressure: 'starved' },
  lag: role === 'spout' ? 12 : null,
  ...figures,
});

function statusOf(name: string): TopologyStatus {
  return {
    ...{ name, state: 'running', reason: null, generation: 1, reached: 1 },
    ...{
      onTrial: false,
      takenBack: null,
      planHash: 'abcd',
      workers: 2,
      submittedAt: '2026-11-21T18:00:00.000Z',
      restarts: 0,
    },
    ...{ rates: { emitted: 5, acked: 5, failed: 0 }, emitted: 10, acked: 9, deadLetters: 0 },
    ...{ lag: 12, limit: { component: 'parse', from: ['lines'], why: 'busy' } },
    components: [
      component('lines', 'spout', { pressure: 'blocked' }),
      component('parse', 'bolt', { capacity: 0.95, pressure: 'busy' }),
      component('store', 'sink'),
    ],
    edges: [edge('lines', 'parse', true), edge('parse', 'store', false)],
    workerStatus: [0, 1].map((worker) => ({
      ...{ worker, pid: 100 + worker, up: true },
      ...{ inFlight: 3, outboxBytes: 0, busyRatio: 0.5 },
    })),
    reasons: [['rejected(parse, no-host)', 1]],
    stateDir: '/tmp/state',
  };
}

const edge = (from: string, to: string, fused: boolean) => ({
  ...{ from, to, fused },
  ...{ stream: 'rows', grouping: 'shuffle', rate: 5 },
});
