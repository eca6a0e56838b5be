/** The processes that receive for the spouts of a run: starts them, and starts them again when they die. @module */
import type { OwnMetric } from '../metrics/own-metrics.js';
import type { FromWorker } from './protocol.js';
import type { WorkerEvents, WorkerHandle } from './worker-handle.js';

/** What they need of the run. */
export interface ReceiversPorts {
  readonly start: (component: string, events: WorkerEvents) => WorkerHandle;
  /** What one life of the `receiver`-th has counted so far. */
  readonly counted: (receiver: number, own: readonly OwnMetric[]) => void;
  readonly died: (receiver: number) => void;
  readonly notice: (component: string, message: string) => void;
  /** The run cannot go on. */
  readonly failed: (message: string) => void;
}

const DEATHS_MAX = 5;
const DEATHS_WINDOW_MS = 60_000;
const RESTART_DELAY_MS = 50;

export class Receivers {
  readonly #components: readonly string[];
  readonly #ports: ReceiversPorts;
  readonly #live = new Map<number, WorkerHandle>();
  /** Those that died and have not said yet that they receive again. */
  readonly #away = new Set<number>();
  #restarts = 0;
  #deathsMs: number[] = [];
  #stopping = false;
  #stopped: () => void = () => {};
  readonly #over = new Promise<void>((resolve) => (this.#stopped = resolve));

  constructor(components: readonly string[], ports: ReceiversPorts) {
    this.#components = components;
    this.#ports = ports;
  }

  start(): void {
    for (let receiver = 0; receiver < this.#components.length; receiver++) this.#start(receiver);
  }

  /** They receive no more; resolves when what came in is in their journals. */
  stop(): Promise<void> {
    this.#stopping = true;
    for (const handle of this.#live.values()) handle.send({ type: 'stop' });
    this.#lookOver();
    return this.#over;
  }

  /** Whoever stops them waits no longer: the run ends at once. */
  abandon(): void {
    this.#stopping = true;
    this.#stopped();
  }

  #start(receiver: number): void {
    const component = this.#components[receiver]!;
    const handle = this.#ports.start(component, {
      message: (message) => this.#message(receiver, component, message),
      exit: (how) => this.#exit(receiver, component, how),
    });
    this.#live.set(receiver, handle);
  }

  #message(receiver: number, component: string, message: FromWorker): void {
    if (message.type === 'received') {
      this.#ports.counted(receiver, message.own);
      // Numbered, as a notice is told once.
      if (this.#away.delete(receiver))
        this.#ports.notice(component, `its receiver receives again (restart ${++this.#restarts})`);
      if (message.done) this.#ended(receiver);
    } else if (message.type === 'notice') this.#ports.notice(component, message.message);
    else if (message.type === 'fatal') this.#ports.failed(`${component}: ${message.message}`);
  }

  #ended(receiver: number): void {
    this.#live.delete(receiver);
    this.#lookOver();
  }

  #exit(receiver: number, component: string, how: string): void {
    if (!this.#live.has(receiver)) return;
    this.#ports.died(receiver);
    this.#ended(receiver);
    if (this.#stopping) return;
    this.#away.add(receiver);
    this.#ports.notice(
      component,
      `its receiver died (${how}): what came until it was started again is lost, and not counted`,
    );
    const nowMs = Date.now();
    this.#deathsMs = [...this.#deathsMs, nowMs].filter((atMs) => nowMs - atMs < DEATHS_WINDOW_MS);
    if (this.#deathsMs.length < DEATHS_MAX) void this.#startLater(receiver);
    else this.#ports.failed(`${component}: its receiver died ${DEATHS_MAX} times within a minute.`);
  }

  async #startLater(receiver: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, RESTART_DELAY_MS));
    if (!this.#stopping) this.#start(receiver);
  }

  #lookOver(): void {
    if (this.#stopping && this.#live.size === 0) this.#stopped();
  }
}
