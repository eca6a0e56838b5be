/** A nimbus whose topologies are made up, behind its real server: what the page is tested and pictured over. */
import { join } from 'node:path';
import { serveApi, type ApiServer } from '../../../runtime/nimbus/api/server.js';
import type { History, TopologyStatus } from '../../../runtime/nimbus/status.js';
import { InMemory } from '../nimbus/in-memory.js';
import { canonicalize } from './canonicalize.js';

export const TOKEN = 'page'.repeat(11);

export class Showcase extends InMemory {
  #second = 600;

  constructor() {
    super();
    this.#put();
    const { components, edges, ...idle } = canonicalize(1);
    const quiet = { ...idle, rates: { emitted: 0, acked: 0, failed: 0 }, lag: 0, limit: null };
    this.put('udp-to-kafka', { ...quiet, name: 'udp-to-kafka', state: 'paused', lag: null });
    this.put('kafka-to-avro', {
      ...quiet,
      ...{ name: 'kafka-to-avro', state: 'failed', workerStatus: [] },
      reason: 'worker 0 died 5 times within a minute: out of memory',
    });
  }

  /** Once a second, as nimbus does. */
  override tick(): void {
    this.#second++;
    this.#put();
    super.tick();
  }

  /** A second in which no figures come, only the news that one is gone. */
  end(): void {
    super.tick();
  }

  override history(name: string): History {
    this.show(name);
    if (name !== 'canonicalize') return { atMs: [], components: [] };
    const seconds = Array.from({ length: 600 }, (_, i) => this.#second - 599 + i);
    const reports = seconds.map(canonicalize);
    const nowMs = Date.now();
    return {
      atMs: seconds.map((second) => nowMs - (this.#second - second) * 1000),
      components: reports[0]!.components.map(({ name: component, role }, i) => {
        const its = reports.map(({ components }) => components[i]!);
        return {
          name: component,
          rate: its.map(({ rates }) => (role === 'spout' ? rates.acked : rates.executed)),
          p99Ms: its.map(({ latencyMs }) => latencyMs.p99),
          capacity: its.map(({ capacity }) => capacity),
        };
      }),
    };
  }

  /** Its figures move; what was asked of it stays. */
  #put(): void {
    const { state, generation, reached, ...figures } = canonicalize(this.#second);
    const isNew = !this.list().some(({ name }) => name === figures.name);
    const status: Partial<TopologyStatus> = isNew ? { state, generation, reached } : {};
    this.put(figures.name, { ...figures, ...status });
  }
}

/** Serves the page as it was built. @param port 0 for any */
export const serveShowcase = (operations: Showcase, port = 0): Promise<ApiServer> =>
  serveApi({
    ...{ operations, token: TOKEN, port },
    pageFolder: join(process.cwd(), 'dist/dashboard'),
    onError(error) {
      throw error;
    },
  });
