/**
 * A worker as the coordinator sees it: opens the engine, links it with its peers, obeys messages.
 * The same in a process of its own and inline.
 *
 * @module
 */
import type { Built } from '../../topology/plan/build.js';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Timer } from '../clock.js';
import type {
  FromWorker,
  HereMessage,
  StartMessage,
  ToWorker,
  WorkerReport,
} from '../coordinator/protocol.js';
import { failureText, type Failure } from '../ledger/failure.js';
import type { RootId } from '../ledger/identity.js';
import type { DeadLetter } from '../state/dead-letter.js';
import { needsPeers, place } from '../planner/place.js';
import { CommitLog } from '../state/commits.js';
import { DeadLetters } from '../state/dead-letters.js';
import { durably } from '../state/durably.js';
import { REPLAY_WRITER } from '../state/read-letters.js';
import { givenUpAgain } from '../replay/letter-batch.js';
import { taskFolder } from '../state/folder.js';
import { GroupJournal } from '../state/group-journal.js';
import { KeyedJournal } from '../state/keyed-journal.js';
import { Sockets } from '../transport/sockets.js';
import { machine, type World } from '../world.js';
import { atWorkPath, type AtWork } from './at-work.js';
import { Engine } from './engine.js';
import { faultText } from './fault.js';
import type { CommitPort, Ports } from './ports.js';
import { recorder } from './recorder.js';

const COUNTERS_PERIOD_MS = 500;
const REASONS_MAX = 100;

export class WorkerHost {
  readonly #start: StartMessage;
  readonly #send: (message: FromWorker) => void;
  readonly #world: World;
  readonly #engine: Engine;
  readonly #sockets: Sockets;
  readonly #linksNeeded: boolean;
  #deadLetters: DeadLetters | null = null;
  #reporting: Timer | null = null;
  #stalls = 0;
  /** For a coordinator that comes later. */
  #here: Omit<HereMessage, 'linked' | 'moving'> = {
    type: 'here',
    path: null,
    going: false,
    quiet: false,
    stopped: false,
    closing: false,
    stalled: null,
  };
  #utilization = performance.eventLoopUtilization();
  readonly #reasons = new Map<string, number>();
  /** What tasks have open. */
  readonly #logs: { close(): Promise<void> }[] = [];

  constructor(
    built: Built,
    start: StartMessage,
    send: (message: FromWorker) => void,
    world: World = machine,
  ) {
    this.#start = start;
    this.#send = send;
    this.#world = world;
    const placement = place(built.plan, start.workers, start.shares);
    this.#linksNeeded = needsPeers(placement);
    this.#engine = new Engine(built, placement, start.options, this.#ports(), send);
    for (const verdict of start.condemned) this.#engine.condemn(verdict);
    const events = {
      received: () => this.#engine.received(),
      linked: () => send({ type: 'linked' }),
      lost: (): void => {
        this.#engine.pause(true);
        this.#engine.peerLost();
      },
      taken: () => this.#engine.received(),
    };
    const { worker, epoch, workers } = start;
    this.#sockets = new Sockets(worker, epoch, workers, this.#engine, events, world);
  }

  /** Opens all tasks and listens; answers `ready`, or `fatal`. */
  async open(): Promise<void> {
    const { topology, stateDir, worker, epoch, socketDir, assignments } = this.#start;
    try {
      const [folder, writer] =
        topology.letters === undefined
          ? [stateDir, `worker-${worker}-${epoch}`]
          : [topology.letters, `${REPLAY_WRITER}-${worker}-${epoch}`];
      this.#deadLetters = await this.#patient(() =>
        DeadLetters.open(folder, writer, this.#world.store),
      );
      await this.#engine.open(assignments, (component, error) => this.#fatal(component, error));
      const path = join(socketDir, `${worker}-${epoch}.sock`);
      if (this.#linksNeeded) await this.#sockets.listen(path);
      this.#note({ path });
      this.#send({ type: 'ready', path });
    } catch (error) {
      this.#send({
        type: 'fatal',
        message: error instanceof Error ? error.message : String(error),
      });
    }
  }

  receive(message: ToWorker): void {
    if (message.type === 'peer') this.#sockets.dial(message.worker, message.epoch, message.path);
    else if (message.type === 'go') this.#go();
    else if (message.type === 'stop') this.#stop();
    else if (message.type === 'pause') this.#engine.rest(message.paused);
    else if (message.type === 'ending') this.#engine.ending();
    else if (message.type === 'stall') this.#engine.stall(message.stalled);
    else if (message.type === 'close') void this.#close(message.level);
    else if (message.type === 'finish') void this.#finish();
    else if (message.type === 'condemned') this.#engine.condemn(message.verdict);
    else if (message.type === 'which') this.#answer(message.death, message.root);
    else if (message.type !== 'start') this.#engine.moving.receive(message);
  }

  /** How far it is, for a coordinator that was not there. */
  here(): HereMessage {
    const linked = !this.#linksNeeded || this.#sockets.linked;
    return { ...this.#here, linked, moving: this.#engine.moving.active };
  }

  /** Does no more, as if its process had died. */
  halt(): void {
    this.#reporting?.cancel();
    this.#sockets.close();
    this.#engine.halt();
  }

  /** What would be to blame if the process died now. */
  atWork(): AtWork {
    return this.#engine.atWork();
  }

  get visits(): number {
    return this.#engine.visits;
  }

  #go(): void {
    // A peer has gone since that was said: it is said again.
    if (this.#linksNeeded && !this.#sockets.linked) return;
    this.#engine.pause(false);
    this.#note({ going: true });
    if (this.#reporting !== null) return;
    this.#engine.start();
    this.#reportLater();
  }

  #stop(): void {
    this.#note({ stopped: true });
    this.#engine.stop();
  }

  #answer(death: number, { slot, generation }: RootId): void {
    const { message } = this.#engine.identify(slot, generation);
    this.#send({ type: 'was', death, ...(message !== undefined && { message }) });
  }

  #reportLater(): void {
    this.#reporting = this.#world.clock.setTimer(COUNTERS_PERIOD_MS, () => {
      this.#reportLater();
      this.#report();
    });
  }

  #report(): void {
    this.#send({ type: 'counters', ...this.#counted(), still: this.#engine.still() });
  }

  #counted(): WorkerReport {
    const { counters, own, load } = this.#engine;
    return {
      counters: counters.snapshot(),
      reasons: [...this.#reasons],
      own: own.snapshot(),
      load: { ...load, busyRatio: this.#busyRatio() },
    };
  }

  /** Since it was asked last. */
  #busyRatio(): number {
    const before = this.#utilization;
    this.#utilization = performance.eventLoopUtilization();
    return performance.eventLoopUtilization(this.#utilization, before).utilization;
  }

  /** Several tasks may wait for room at once: told is the first and the last. */
  #stalled(code: string | null): void {
    this.#stalls += code === null ? -1 : 1;
    const told = code === null ? this.#stalls === 0 : this.#stalls === 1;
    if (!told) return;
    this.#note({ stalled: code });
    this.#send({ type: 'stalled', code });
  }

  #note(news: Partial<HereMessage>): void {
    this.#here = { ...this.#here, ...news };
  }

  #bury(letter: DeadLetter): void {
    const reason = failureText(letter.reason as Failure);
    const known = this.#reasons.get(reason);
    if (known !== undefined || this.#reasons.size < REASONS_MAX)
      this.#reasons.set(reason, (known ?? 0) + 1);
    this.#deadLetters!.append(
      this.#start.topology.letters === undefined ? letter : givenUpAgain(letter),
    );
  }

  async #close(level: number): Promise<void> {
    this.#note({ closing: true });
    await this.#guarded(() => this.#engine.closeLevel(level));
    this.#send({ type: 'closed', level });
  }

  async #finish(): Promise<void> {
    this.#note({ closing: true });
    this.#reporting?.cancel();
    await this.#guarded(async () => {
      const outputs = await this.#engine.close();
      for (const log of this.#logs) await log.close();
      await this.#deadLetters?.close();
      this.#sockets.close();
      this.#send({ type: 'finished', outputs, ...this.#counted() });
    });
  }

  async #guarded(run: () => Promise<void>): Promise<void> {
    await run().catch((error: unknown) => this.#fatal(undefined, error));
  }

  #fatal(component: string | undefined, error: unknown): void {
    const message =
      error instanceof Error && !(error instanceof TypeError) ? error.message : faultText(error);
    this.#send({ type: 'fatal', message, ...(component !== undefined && { component }) });
  }

  async #opened<L extends { close(): Promise<void> }>(open: () => Promise<L>): Promise<L> {
    const log = await this.#patient(open);
    this.#logs.push(log);
    return log;
  }

  /** A worker may be started again while the disk is full: it waits, as it does at work. */
  #patient<T>(open: () => Promise<T>): Promise<T> {
    return durably(open, {
      clock: this.#world.clock,
      onStall: (code) => this.#stalled(code),
      onResume: () => this.#stalled(null),
    });
  }

  #ports(): Ports {
    const { stateDir, stateId, worker, record } = this.#start;
    const { clock, schedule, store } = this.#world;
    const taskDir = (component: string, task: number): string =>
      taskFolder(stateDir, component, task);
    return {
      clock,
      schedule,
      outbox: (to) => this.#sockets.outbox(to),
      deadLetters: {
        append: (letter) => this.#bury(letter),
        flush: () => this.#deadLetters!.flush(),
      },
      commits: async (component, task) =>
        commitPort(await this.#opened(() => CommitLog.open(stateDir, component, task, store))),
      state: (component, task) =>
        this.#opened(() => KeyedJournal.open(taskDir(component, task), store)),
      groups: {
        open: (component, task) =>
          this.#patient(() => GroupJournal.open(taskDir(component, task), store)),
        read: (component, task) => GroupJournal.read(taskDir(component, task), store),
      },
      stateDir: (component, task) => {
        const dir = taskDir(component, task);
        mkdirSync(dir, { recursive: true });
        return dir;
      },
      stateId,
      notice: (component, message, task) =>
        this.#send({ type: 'notice', component, message, ...(task !== undefined && { task }) }),
      stalled: (code) => this.#stalled(code),
      quiet: () => {
        this.#note({ quiet: true });
        this.#send({ type: 'quiet' });
      },
      ...(record && {
        record: recorder(atWorkPath(stateDir, worker), () => this.#engine.atWork()),
      }),
    };
  }
}

function commitPort(log: CommitLog): CommitPort {
  const { positions, counters } = log.committed;
  return {
    positions: new Map(positions),
    counters,
    commit: (moved, now) => log.commit(moved, now),
    flush: () => log.flush(),
  };
}
