/** What the parts of one worker's engine share. @module */
import type { Built } from '../../topology/plan/build.js';
import type { Failure } from '../ledger/failure.js';
import type { Identity, RootId } from '../ledger/identity.js';
import { Ledger } from '../ledger/ledger.js';
import { Counters } from '../metrics/counters.js';
import { OwnMetrics } from '../metrics/own-metrics.js';
import type { Placement } from '../planner/place.js';
import type { Share } from '../planner/shares.js';
import { durably } from '../state/durably.js';
import type { Acks } from './anchor.js';
import { Condemned } from './condemned.js';
import type { AtWork } from './at-work.js';
import { failureOf, faultText, Undone } from './fault.js';
import type { EngineOptions, Ports } from './ports.js';
import { KeyStates } from './key-states.js';
import { Route } from './routes.js';
import { Visit } from './visit.js';

/** Beside the messages of spouts, bolts may have this many of their own pending (windows that they emitted). */
const EMITTED_PENDING_MAX = 4096;
/** Different notices of one worker; what comes after them is not told. */
const NOTICES_MAX = 1000;
/** Errors of one component and code that are looked at for where they come from. */
const FAULTS_READ_MAX = 100;

export class Core {
  readonly built: Built;
  /** As it is now: tasks of bolts may be moved. */
  placement: Placement;
  /** By component. */
  readonly routes: readonly Route[];
  readonly options: EngineOptions;
  readonly ports: Ports;
  readonly ledger: Ledger;
  readonly counters: Counters;
  readonly states: KeyStates;
  readonly own = new OwnMetrics();
  readonly visit: Visit;
  readonly acks: Acks;
  /** Messages that are not tried again. */
  readonly condemned = new Condemned();
  /** Read once per batch: asking the clock costs 50 ns. */
  nowMs: number;
  /** No spout of the run begins a new message, and what is pending waits for more rows. */
  ending = false;
  /** Tasks of bolts, and how many rows each has that are not done. */
  readonly keepers = new Set<{ readonly component: number; readonly count: number }>();
  /** Has the engine take a turn soon. */
  wake: () => void = () => {};
  /** The engine cannot go on: a source broke. */
  fatal: (component: string, error: unknown) => void = () => {};
  /** The component that is called without a message: a timer's, a poll's. */
  #calling = -1;
  /** How often something of a kind was thrown. */
  readonly #faults = new Map<string, number>();
  /** What waits for storage now. */
  #stalls = 0;
  /** Notices that were told. */
  readonly #told = new Set<string>();

  constructor(built: Built, placement: Placement, options: EngineOptions, ports: Ports) {
    this.built = built;
    this.placement = placement;
    this.states = new KeyStates(this);
    this.routes = placement.nodes.map((node) => new Route(node));
    this.options = options;
    this.ports = ports;
    this.ledger = new Ledger(options.maxSpoutPending + EMITTED_PENDING_MAX);
    const outputs = placement.nodes.map(({ node }) =>
      node.role === 'bolt' ? node.outputs.length : 0,
    );
    this.counters = new Counters(placement.nodes.length, outputs);
    this.nowMs = ports.clock.monotonicMs();
    const { ledger } = this;
    const self = options.worker;
    this.acks = {
      ack: (worker, slot, generation, high, low) => {
        if (worker === self) ledger.ack(slot, generation, high, low);
        else ports.outbox(worker).ack(slot, generation, high, low);
      },
      fail: (worker, slot, generation, failure) => {
        if (worker === self) ledger.fail(slot, generation, failure);
        else ports.outbox(worker).fail(slot, generation, failure);
      },
    };
    this.visit = new Visit(this.acks);
  }

  tick(): void {
    this.nowMs = this.ports.clock.monotonicMs();
  }

  /** A bolt has other tasks. */
  replace(component: number, share: Share): void {
    const nodes = this.placement.nodes.with(component, {
      ...this.placement.nodes[component]!,
      ...share,
    });
    this.placement = { ...this.placement, nodes };
  }

  nameOf(component: number): string {
    return this.placement.nodes[component]!.name;
  }

  /** Calls a component beside its rows. */
  call<T>(component: number, run: () => T): T {
    this.#calling = component;
    this.ports.record?.();
    try {
      return run();
    } finally {
      this.#calling = -1;
    }
  }

  /** What would be to blame if the process died now: whatever is being called. */
  atWork(): AtWork {
    const { visit } = this;
    const component = visit.active ? visit.component : this.#calling;
    return {
      ...(component >= 0 && { component: this.nameOf(component) }),
      ...(visit.active && this.identify(visit)),
    };
  }

  identify({ worker, slot, generation }: RootId): Identity {
    if (worker !== this.options.worker) return { root: { worker, slot, generation } };
    return this.ledger.identify(slot, generation);
  }

  /** The row at hand cannot be done. The first failure of a message is the one that is told. */
  failVisit(component: number, failure: Failure): void {
    this.counters.fail(component, failure.kind);
    this.visit.failure ??= failure;
  }

  /** Runs `action` until storage takes it; the operator is told meanwhile. @throws what another try cannot mend */
  durably<T>(action: () => Promise<T>): Promise<T> {
    const { clock, stalled } = this.ports;
    return durably(action, {
      clock,
      // Several things may wait, for different reasons: it is over when none does.
      onStall: (code) => void (this.#stalls++ === 0 && stalled(code)),
      onResume: () => void (--this.#stalls === 0 && stalled(null)),
    });
  }

  /** What a component threw, as a failure. The operator is told, unless it is data that was rejected. */
  fault(component: number, error: unknown, doing = ''): Failure {
    const failure = failureOf(this.nameOf(component), error);
    if (failure.kind !== 'failed' || error instanceof Undone) return failure;
    const kind = `${component} ${failure.code}`;
    const times = this.#faults.get(kind) ?? 0;
    // Reading where it was thrown takes longer than many rows do.
    if (times < FAULTS_READ_MAX) this.notice(component, `${doing}${faultText(error)}`);
    this.#faults.set(kind, times + 1);
    return failure;
  }

  /** Tells the operator something, once: what is wrong may be wrong with every row. */
  notice(component: number, message: string, task?: number): void {
    const key = `${component} ${message}`;
    if (this.#told.has(key) || this.#told.size === NOTICES_MAX) return;
    this.#told.add(key);
    this.ports.notice(this.nameOf(component), message, task);
  }
}
