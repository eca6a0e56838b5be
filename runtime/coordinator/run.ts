/**
 * One run of one topology: places it, starts the workers, starts them again when they die, ends the
 * run when everything is accounted for. Never on the way of a row.
 *
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises';
import type { OwnMetric } from '../metrics/own-metrics.js';
import { levels, needsPeers, place, type Placement } from '../planner/place.js';
import { planScale, ScaleRefused, type ScalePlan } from '../planner/scale.js';
import { readCommits } from '../state/commits.js';
import { notePlan, refuseOtherTopology } from '../state/noted-plan.js';
import { acquire, type RunLock } from '../state/run-lock.js';
import { stateId } from '../state/state-id.js';
import type { Assignments } from '../worker/engine.js';
import { Deaths } from './deaths.js';
import { Figures, type ComponentFigures, type WorkerFigures } from './figures.js';
import { adoptable, isWorker, noteAssigned } from './adoption.js';
import type { Assigned } from './assign.js';
import {
  clearLeftovers,
  forget,
  forgetNote,
  note,
  SOCKETS_PREFIX,
  type NotedProcess,
  type NotedRole,
} from './leftovers.js';
import { forgetReceived } from './forget-received.js';
import { postMortem } from './post-mortem.js';
import type { FromWorker, HereMessage, StartMessage, ToWorker } from './protocol.js';
import { Receivers } from './receivers.js';
import type { RunRequest, RunResult } from './run-request.js';
import { RunShares } from './run-shares.js';
import { Scaling } from './scaling.js';
import { Silence } from './silence.js';
import type { StartWorker, WorkerEvents, WorkerHandle } from './worker-handle.js';

const RESTART_DELAY_MS = 50;
const RESTART_DELAY_MS_MAX = 2000;

type Ended = Pick<RunResult, 'outcome' | 'error'>;

/** How soon it is noticed that a worker is silent. */
const LOOK_PERIOD_MS = 250;
/** A process that outlived its coordinator looks for the next one many times a second. */
const HERE_TIMEOUT_MS = 10_000;
/** No worker has this number. */
const COORDINATOR = -1;
const UNREADABLE = { counters: { acked: NaN } };

interface Live {
  readonly handle: WorkerHandle;
  readonly epoch: number;
  /** Of another coordinator: linked with those that are as well. */
  readonly adopted: boolean;
  path: string | null;
  linked: boolean;
  /** Its tasks are open, and it was told to begin. */
  going: boolean;
  still: boolean;
  quiet: boolean;
  closed: boolean;
}

export class Run {
  readonly #request: RunRequest;
  #placement: Placement;
  readonly #shares: RunShares;
  readonly #scaling: Scaling;
  #figures: Figures;
  readonly #workers: (Live | null)[];
  /** Every process that was started and is not gone, with what it is. */
  readonly #processes = new Map<WorkerHandle, NotedRole>();
  readonly #receivers: Receivers;
  readonly #deaths: Deaths;
  readonly #silence: Silence;
  #assignments: Assignments = {};
  #lock: RunLock | null = null;
  #stateId = '';
  #socketDir = '';
  #noted: Promise<void> = Promise.resolve();
  #lookedMs = performance.now();
  #epoch = 0;
  /** Processes of the coordinator before that were not taken over yet. */
  #left: NotedProcess[] = [];
  #restarts = 0;
  #phase: 'running' | 'closing' | 'finishing' | 'over' = 'running';
  #level = 0;
  #stopping: boolean;
  /** It is known whether another coordinator has left workers. */
  #begun = false;
  #paused = false;
  /** Reports that nothing was in flight: it had no work to get on with. */
  #idleLooks = 0;
  readonly #stalled = new Set<number>();
  /** Whether messages are told not to time out. */
  #waiting = false;
  readonly #outputs = new Set<string>();
  #end: (end: Ended) => void = () => {};

  constructor(request: RunRequest) {
    this.#request = request;
    this.#stopping = request.draining ?? false;
    this.#placement = place(request.topology.plan, request.workers);
    this.#figures = new Figures(this.#placement, new Map());
    this.#workers = Array.from({ length: request.workers }, () => null);
    this.#receivers = this.#receiversOf(request);
    this.#deaths = this.#deathsOf(request);
    this.#shares = new RunShares(request.topology.plan, request.workers, request.stateDir);
    this.#scaling = this.#scalingOf();
    this.#silence = new Silence(request.options.messageTimeoutMs);
  }

  get placement(): Placement {
    return this.#placement;
  }

  components(): ComponentFigures[] {
    return this.#figures.components();
  }

  /** How often a worker died and was started again. */
  get restarts(): number {
    return this.#restarts;
  }

  workers(): WorkerFigures[] {
    return this.#figures.workers();
  }

  /** What components counted of their own. */
  ownCounters(): OwnMetric[] {
    return this.#figures.ownCounters();
  }

  /** What the receivers of its spouts have set. */
  receiverGauges(): OwnMetric[] {
    return this.#figures.receiverGauges();
  }

  /** Why messages became dead letters so far, the most frequent first. */
  reasons(): [reason: string, count: number][] {
    return this.#figures.reasons();
  }

  /**
   * Resolves when the run is over.
   * @param report is told the result while the state of the run is still there
   * @throws StateInUse, StateOfAnother, and SourceError when a component cannot do what it was told to
   */
  async run(report: (result: RunResult) => void | Promise<void> = () => {}): Promise<RunResult> {
    const { stateDir } = this.#request;
    const ended = new Promise<Ended>((resolve) => {
      this.#end = (end) => {
        this.#phase = 'over';
        resolve(end);
      };
    });
    this.#lock = await acquire(stateDir);
    try {
      await refuseOtherTopology(stateDir, this.#request.topology.plan.name);
      this.#stateId = await stateId(stateDir);
      const adopted = await this.#adoptAll();
      this.#begun = true;
      if (!adopted) {
        if (this.#stopping) this.#end({ outcome: 'stopped' });
        else await this.#begin(ended);
      }
      const looking = setInterval(() => this.#look(), LOOK_PERIOD_MS);
      const end = await ended.finally(() => clearInterval(looking));
      await this.#receivers.stop();
      await this.#killAll();
      this.#workers.fill(null);
      for (const worker of this.#workers.keys()) this.#scaling.died(worker);
      await forgetReceived(stateDir, this.#receivers.components);
      const result = {
        ...end,
        restarts: this.#restarts,
        components: this.components(),
        ownCounters: this.ownCounters(),
        outputs: [...this.#outputs].sort(),
      };
      await report(result);
      // A run that completed is over: the next one on this folder begins anew. Dead letters stay. Told before it is
      // forgotten: who kills it before it has told, and runs it again, gets nothing twice.
      if (end.outcome === 'completed') await forget(stateDir);
      return result;
    } finally {
      await rm(this.#socketDir, { recursive: true, force: true });
      await this.#noted;
      await forgetNote(stateDir);
      await this.#lock.release();
    }
  }

  /** Begins no new message until told otherwise; what is in flight goes on. */
  pause(paused: boolean): void {
    this.#paused = paused;
    this.#tellAll({ type: 'pause', paused });
  }

  /** Every worker is there, and was told to begin. */
  get going(): boolean {
    return this.#phase !== 'over' && this.#all(({ going }) => going);
  }

  /** Rows that each component has taken and that are not done. */
  open(): number[] {
    return this.#figures.open();
  }

  /** By worker; undefined while it is dead. */
  pids(): (number | undefined)[] {
    return this.#workers.map((live) => live?.handle.pid);
  }

  /** Stops reading, lets what is in flight finish, commits and ends. */
  drain(): void {
    this.#stopping = true;
    // Whoever is there is told when it is known who.
    if (!this.#begun) return;
    void this.#receivers.stop();
    // Tasks that are not open hold nothing, and what they wait for may be away for long.
    if (this.#workers.some((live) => live?.going || live?.adopted)) this.#tellAll({ type: 'stop' });
    else this.#end({ outcome: 'stopped' });
  }

  /** Ends at once; what was in flight is read again by the next run. */
  abort(error?: string): void {
    this.#receivers.abandon();
    this.#end({
      outcome: error === undefined ? 'stopped' : 'failed',
      ...(error !== undefined && { error }),
    });
  }

  /**
   * Gives a bolt another number of tasks while rows flow. Resolves when they have them.
   * @throws ScaleRefused and nothing was begun; ScaleAbandoned when a worker died, and nothing was moved
   */
  async scale(component: string, tasks: number): Promise<ScalePlan> {
    const plan = planScale(this.#placement, component, tasks);
    if (this.#phase !== 'running' || !this.#all(({ going }) => going))
      throw new ScaleRefused('Not all workers are running: try again when they are.');
    if (!this.#scaling.idle) throw new ScaleRefused('Another bolt is being scaled: try again.');
    await this.#scaling.scale(plan).finally(() => this.#lookQuiet());
    return plan;
  }

  #scalingOf(): Scaling {
    const shares = this.#shares;
    return new Scaling({
      workers: () => [...this.#workers.keys()].filter((worker) => this.#workers[worker] !== null),
      tell: (worker, message) => this.#workers[worker]?.handle.send(message),
      store: (component, share) =>
        shares.store(component, share, (code) => this.#stalledBy(COORDINATOR, code)),
      placed: (component, share) => {
        shares.place(component, share);
        this.#placement = shares.placement;
        this.#figures.place(this.#placement);
      },
    });
  }

  #receiversOf({ topology, source, parameters, stateDir, events }: RunRequest): Receivers {
    const { hash } = topology.plan;
    const message = { type: 'receive', topology: source, parameters, hash, stateDir } as const;
    return new Receivers(topology.receivers, {
      start: (component, told) => {
        const role = { receives: component };
        const left = this.#takeLeft((each) => 'receives' in each && each.receives === component);
        if (left !== undefined) return this.#adopt(left, role, told);
        return this.#process({ ...message, component }, role, told);
      },
      counted: (receiver, own) => this.#figures.received(receiver, own),
      died: (receiver) => this.#figures.retireReceiver(receiver),
      notice: (component, text) => events.notice(text, { component }),
      failed: (error) => this.abort(error),
    });
  }

  /** Starts a process of this run. */
  #process(start: Parameters<StartWorker>[0], role: NotedRole, events: WorkerEvents): WorkerHandle {
    return this.#added(role, events, (told) =>
      this.#request.startWorker(start, told, () => this.#noted),
    );
  }

  /** Takes over a process of the run before. */
  #adopt(left: NotedProcess, role: NotedRole, events: WorkerEvents): WorkerHandle {
    return this.#added(role, events, (told) => this.#request.adoptWorker!(left, told));
  }

  #added(
    role: NotedRole,
    events: WorkerEvents,
    make: (events: WorkerEvents) => WorkerHandle,
  ): WorkerHandle {
    const handle = make({
      message: events.message,
      exit: (how) => {
        this.#processes.delete(handle);
        events.exit(how);
      },
    });
    this.#processes.set(handle, role);
    this.#noteProcesses();
    return handle;
  }

  /** A process that the coordinator before has left, once. */
  #takeLeft(is: (left: NotedProcess) => boolean): NotedProcess | undefined {
    const at = this.#left.findIndex(is);
    return at < 0 ? undefined : this.#left.splice(at, 1)[0];
  }

  /** Goes on with what another coordinator has left running; false when there is nothing. */
  async #adoptAll(): Promise<boolean> {
    const { topology, workers, stateDir, adoptWorker } = this.#request;
    if (adoptWorker === undefined) return false;
    const left = await adoptable(stateDir, topology.plan, workers);
    if (left === null) return false;
    this.#socketDir = left.sockets;
    await this.#place();
    this.#take(left.assigned);
    this.#left = [...left.processes];
    this.#startReceivers();
    for (let worker = 0; worker < workers; worker++) {
      const process = this.#takeLeft((each) => isWorker(each) && each.worker === worker);
      if (process !== undefined && isWorker(process)) this.#adoptOne(worker, process);
    }
    for (const [worker, live] of this.#workers.entries())
      if (live === null) this.#died(worker, left.dead.get(worker) ?? 0, 'nobody saw how');
    return true;
  }

  #adoptOne(worker: number, process: NotedProcess & { readonly epoch: number }): void {
    const { epoch } = process;
    this.#live(worker, epoch, true, (events) => this.#adopt(process, { worker, epoch }, events));
    const unheard = setTimeout(() => void this.#unheard(worker, epoch), HERE_TIMEOUT_MS);
    unheard.unref();
  }

  /** What does not find its new coordinator is replaced. */
  async #unheard(worker: number, epoch: number): Promise<void> {
    const live = this.#workers[worker];
    if (live?.epoch === epoch && live.path === null && live.adopted) await live.handle.kill();
  }

  /** A worker of another coordinator says how far it is. One that was just beginning, ending or moving keys begins anew. */
  #here(worker: number, live: Live, here: HereMessage): void {
    const { path, going, closing, moving } = here;
    // What another coordinator has stopped begins nothing any more.
    const ends = closing || moving || (here.stopped && !this.#stopping);
    if (path === null || !going || ends) return this.#replace(worker, live);
    live.path = path;
    this.#silence.heard(worker);
    live.linked = here.linked;
    live.going = true;
    if (here.stalled !== null) this.#stalledBy(worker, here.stalled);
    this.#tellState(live);
    this.#introduce(worker, live);
    if (here.quiet) this.#quiet(live);
    if (this.#all(({ linked }) => linked)) for (const each of this.#workers) this.#go(each!);
  }

  /** It is of no more use, and that is not its fault. */
  #replace(worker: number, { handle }: Live): void {
    this.#lose(worker);
    void this.#startLater([worker], 0, handle.kill());
  }

  async #place(): Promise<void> {
    await this.#shares.begin();
    this.#placement = this.#shares.placement;
  }

  async #begin(ended: Promise<unknown>): Promise<void> {
    await clearLeftovers(this.#request.stateDir);
    await this.#place();
    // A server that does not answer must not keep whoever wants to stop.
    await Promise.race([this.#assign(), ended]);
    if (!this.#isOver()) await this.#startAll();
  }

  async #assign(): Promise<void> {
    const { topology, workers, stateDir, adoptWorker, events } = this.#request;
    const assigned = await topology.assign(this.#placement, stateDir);
    if (this.#isOver()) return;
    if (adoptWorker !== undefined) await noteAssigned(stateDir, topology.plan, workers, assigned);
    this.#take(assigned);
    const done = [...assigned.counters.values()].reduce(
      (sum, { acked, deadLetters }) => sum + acked + deadLetters,
      0,
    );
    const same = await notePlan(stateDir, topology.plan);
    if (done > 0) events.resumed(done, same);
  }

  #take({ assignments, counters }: Assigned): void {
    this.#assignments = assignments;
    // One that outlives its coordinators counts on over all of them.
    const before = this.#request.adoptWorker === undefined ? counters : new Map();
    this.#figures = new Figures(this.#placement, before);
  }

  async #startAll(): Promise<void> {
    this.#socketDir = await mkdtemp(SOCKETS_PREFIX);
    if (this.#isOver()) return;
    this.#startReceivers();
    for (let worker = 0; worker < this.#workers.length; worker++) this.#start(worker);
  }

  #startReceivers(): void {
    this.#receivers.start();
    if (this.#stopping) void this.#receivers.stop();
  }

  #isOver(): boolean {
    return this.#phase === 'over';
  }

  #start(worker: number): void {
    const { topology, source, parameters, workers, stateDir, options } = this.#request;
    const epoch = this.#lock!.epoch * 2 ** 16 + ++this.#epoch;
    const start: StartMessage = {
      type: 'start',
      worker,
      workers,
      topology: source,
      parameters,
      hash: topology.plan.hash,
      stateDir,
      stateId: this.#stateId,
      socketDir: this.#socketDir,
      epoch,
      options: { ...options, worker },
      assignments: this.#assignments,
      shares: this.#shares.shares,
      record: this.#restarts > 0,
      condemned: this.#deaths.condemned,
    };
    this.#live(worker, epoch, false, (events) => this.#process(start, { worker, epoch }, events));
  }

  #live(
    worker: number,
    epoch: number,
    adopted: boolean,
    make: (events: WorkerEvents) => WorkerHandle,
  ): void {
    const live: Live = {
      handle: make({
        message: (message) =>
          this.#workers[worker] === live && this.#message(worker, live, message),
        exit: (how) => this.#workers[worker] === live && this.#died(worker, epoch, how),
      }),
      epoch,
      adopted,
      path: null,
      linked: false,
      going: false,
      still: false,
      quiet: false,
      closed: false,
    };
    this.#workers[worker] = live;
  }

  #message(worker: number, live: Live, message: FromWorker): void {
    const { events } = this.#request;
    if (message.type === 'here') this.#here(worker, live, message);
    else if (message.type === 'ready') this.#ready(worker, live, message.path);
    else if (message.type === 'linked') this.#linked(live);
    else if (message.type === 'quiet') this.#quiet(live);
    else if (message.type === 'closed') this.#closed(live, message.level);
    else if ('move' in message) this.#scaling.heard(worker, message);
    else if (message.type === 'counters') {
      this.#figures.update(worker, message);
      this.#silence.heard(worker);
      if (message.load.inFlight === 0) this.#idleLooks++;
      this.#still(live, message.still);
    } else if (message.type === 'finished') {
      this.#figures.update(worker, message);
      this.#silence.forget(worker);
      for (const output of message.outputs) this.#outputs.add(output);
      live.closed = true;
      if (this.#all(({ closed }) => closed))
        this.#end({ outcome: this.#stopping ? 'stopped' : 'completed' });
    } else if (message.type === 'was') this.#deaths.was(message.death, message.message);
    else if (message.type === 'notice') {
      const { component, task, message: text } = message;
      events.notice(text, { component, worker, ...(task !== undefined && { task }) });
    } else if (message.type === 'stalled') {
      this.#stalledBy(worker, message.code);
    } else if (message.type === 'fatal')
      this.abort(
        message.component === undefined
          ? message.message
          : `${message.component}: ${message.message}`,
      );
  }

  /** As long as one worker waits for room, no worker's messages time out: they may hang on it. */
  #stalledBy(worker: number, code: string | null): void {
    const before = this.#stalled.size;
    if (code === null) this.#stalled.delete(worker);
    else this.#stalled.add(worker);
    if ((before === 0) === (this.#stalled.size === 0)) return;
    this.#request.events.stalled(code);
    this.#lookWaiting();
  }

  #look(): void {
    const nowMs = performance.now();
    const wasAway = nowMs - this.#lookedMs > 4 * LOOK_PERIOD_MS;
    this.#lookedMs = nowMs;
    // Before its successor begins, it is seen to be gone: it cannot wake up and write what is not its own any more. Who
    // did not listen itself hears first what they said meanwhile.
    if (!wasAway)
      for (const worker of this.#silence.frozen) void this.#workers[worker]?.handle.kill();
    this.#lookWaiting();
  }

  #lookWaiting(): void {
    const waiting = this.#stalled.size > 0 || this.#silence.some;
    if (waiting === this.#waiting) return;
    this.#waiting = waiting;
    this.#tellAll({ type: 'stall', stalled: waiting });
  }

  /** The worker's tasks are open: it reads from its peers, and they from it. */
  #ready(worker: number, live: Live, path: string): void {
    live.path = path;
    if (!needsPeers(this.#placement)) return this.#go(live);
    this.#introduce(worker, live);
  }

  /** To all that are ready and do not know it yet. */
  #introduce(worker: number, live: Live): void {
    for (const [other, peer] of this.#workers.entries()) {
      if (other === worker || peer === null || peer.path === null) continue;
      if (peer.adopted && live.adopted) continue;
      live.handle.send({ type: 'peer', worker: other, epoch: peer.epoch, path: peer.path });
      peer.handle.send({ type: 'peer', worker, epoch: live.epoch, path: live.path! });
    }
  }

  /** Nobody emits before all are linked: a row that came by a worker without a link would fail. */
  #linked(live: Live): void {
    live.linked = true;
    if (this.#all(({ linked }) => linked)) for (const each of this.#workers) this.#go(each!);
  }

  #go(live: Live): void {
    live.going = true;
    // From now on it reports: one that is frozen before it has done so is silent as well.
    this.#silence.heard(this.#workers.indexOf(live));
    this.#tellState(live);
    live.handle.send({ type: 'go' });
  }

  /** What all were told, for one that was not there, or that was told otherwise by another coordinator. */
  #tellState({ handle, adopted }: Live): void {
    if (this.#paused || adopted) handle.send({ type: 'pause', paused: this.#paused });
    if (this.#stopping) handle.send({ type: 'stop' });
    if (this.#waiting || adopted) handle.send({ type: 'stall', stalled: this.#waiting });
  }

  /** What is pending when nothing moves waits for rows that do not come. */
  #still(live: Live, still: boolean): void {
    live.still = still;
    if (still && this.#all((each) => each.still)) this.#tellAll({ type: 'ending' });
  }

  #quiet(live: Live): void {
    live.quiet = true;
    this.#lookQuiet();
  }

  /** Tasks that are being moved cannot be closed. */
  #lookQuiet(): void {
    if (this.#phase !== 'running' || !this.#scaling.idle) return;
    if (!this.#all(({ quiet }) => quiet)) return;
    this.#phase = 'closing';
    this.#closeLevel(0);
  }

  #closeLevel(level: number): void {
    this.#level = level;
    for (const live of this.#workers) live!.closed = false;
    if (level <= Math.max(...levels(this.#placement)))
      return this.#tellAll({ type: 'close', level });
    this.#phase = 'finishing';
    this.#tellAll({ type: 'finish' });
  }

  #closed(live: Live, level: number): void {
    if (level !== this.#level || this.#phase !== 'closing') return;
    live.closed = true;
    if (this.#all(({ closed }) => closed)) this.#closeLevel(level + 1);
  }

  #died(worker: number, epoch: number, how: string): void {
    if (this.#phase === 'over') return;
    const { stateDir, events } = this.#request;
    this.#lose(worker);
    const death = postMortem({ stateDir, socketDir: this.#socketDir, worker, epoch }, how);
    this.#deaths.add(death);
    if (this.#deaths.gaveUp) return;
    this.#restarts++;
    const at = death.component === undefined ? '' : ` in "${death.component}"`;
    events.workerDied(worker, `${death.how}${at}`);
    const delay = this.#restartDelayMs(worker);
    if (this.#phase === 'running') void this.#startLater([worker], delay);
    else void this.#startLater([...this.#workers.keys()], delay, this.#stopAll());
  }

  #lose(worker: number): void {
    this.#figures.retire(worker);
    this.#workers[worker] = null;
    this.#silence.forget(worker);
    this.#scaling.died(worker);
    for (const live of this.#workers) if (live !== null) live.linked = false;
    this.#stalledBy(worker, null);
  }

  #deathsOf({ options, stateDir }: RunRequest): Deaths {
    const spouts = this.#placement.nodes.filter(({ node }) => node.role === 'spout');
    const committed = spouts.map(
      ({ name }) =>
        async () =>
          readCommits(stateDir, name),
    );
    return new Deaths({
      maxAttempts: options.maxAttempts,
      ask: (root, death) => {
        const live = this.#workers[root.worker];
        live?.handle.send({ type: 'which', death, root });
        return live !== null;
      },
      condemn: (verdict) => this.#tellAll({ type: 'condemned', verdict }),
      done: async () => {
        const all = await Promise.all(committed.map((read) => read().catch(() => UNREADABLE)));
        return all.reduce((sum, { counters }) => sum + counters.acked, this.#idleLooks);
      },
      giveUp: (why) => this.abort(why),
    });
  }

  /** None, unless it died before and nothing was done meanwhile. */
  async #restartDelayMs(worker: number): Promise<number> {
    const idle = await this.#deaths.idle(worker);
    return idle < 2 ? 0 : Math.min(RESTART_DELAY_MS * 2 ** (idle - 2), RESTART_DELAY_MS_MAX);
  }

  async #startLater(
    workers: readonly number[],
    delay: Promise<number> | number,
    ready: Promise<unknown> = Promise.resolve(),
  ): Promise<void> {
    const delayMs = await delay;
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    await ready;
    await this.#scaling.settled();
    if (this.#phase !== 'over') for (const worker of workers) this.#start(worker);
  }

  /** A death while tasks are being closed: all begin again from what is committed, as closed tasks cannot take rows. */
  #stopAll(): Promise<unknown> {
    this.#phase = 'running';
    for (const worker of this.#workers.keys()) {
      this.#workers[worker] = null;
      this.#silence.forget(worker);
      this.#figures.retire(worker);
    }
    return this.#killAll();
  }

  /** Resolves when no process of the run is left: until then files and state are theirs. */
  async #killAll(): Promise<void> {
    await Promise.all([...this.#processes.keys()].map((handle) => handle.kill()));
  }

  #all(condition: (live: Live) => boolean): boolean {
    return this.#workers.every((live) => live !== null && condition(live));
  }

  #tellAll(message: ToWorker): void {
    for (const live of this.#workers) live?.handle.send(message);
  }

  /** One after the other: the last knows all. */
  #noteProcesses(): void {
    this.#noted = this.#noted.then(async () => {
      const others = [...this.#processes].filter(([{ pid }]) => pid !== process.pid);
      const noted = others.map(([{ pid }, role]) => ({ pid, ...role }));
      await note(this.#request.stateDir, this.#socketDir, noted);
    });
  }
}
