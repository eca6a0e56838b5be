/** A receiver as the coordinator sees it, in a process of its own and inline. @module */
import type { Gauge } from '../../topology/dsl/context.js';
import type { Receiver, ReceiverContext } from '../../topology/dsl/receiver.js';
import type { Built } from '../../topology/plan/build.js';
import { systemClock } from '../clock.js';
import type { FromWorker, ReceiveMessage, ToWorker } from '../coordinator/protocol.js';
import { OwnMetrics } from '../metrics/own-metrics.js';
import { readCommits } from '../state/commits.js';
import { durably } from '../state/durably.js';
import { LinesWriter } from '../state/lines-writer.js';
import { journalFolder, PARTITION } from '../state/received.js';
import { taskFolder } from '../state/folder.js';

const COUNTERS_PERIOD_MS = 500;

export class ReceiverHost {
  readonly #built: Built;
  readonly #start: ReceiveMessage;
  readonly #send: (message: FromWorker) => void;
  readonly #own = new OwnMetrics();
  readonly #journalBytes: Gauge;
  #receiver: Receiver | undefined;
  #writer: LinesWriter | undefined;
  #reporting: NodeJS.Timeout | undefined;
  #stopped: Promise<void> | undefined;

  constructor(built: Built, start: ReceiveMessage, send: (message: FromWorker) => void) {
    this.#built = built;
    this.#start = start;
    this.#send = send;
    this.#journalBytes = this.#own
      .of(start.component)
      .gauge('journal_bytes', 'What lies in the journal, on disk and waiting for it.');
  }

  /** Begins to receive. @throws what the spout throws */
  async open(): Promise<void> {
    const declared = this.#built.components.get(this.#start.component);
    if (declared?.role !== 'spout' || declared.component.receive === undefined)
      throw new Error(`"${this.#start.component}" receives nothing.`);
    this.#receiver = await declared.component.receive(this.#context());
    this.#reporting = setInterval(() => this.#report(false), COUNTERS_PERIOD_MS);
  }

  receive(message: ToWorker): void {
    if (message.type === 'stop') void this.stop();
  }

  /** Receives no more; resolves when all that came in is in the journal. */
  stop(): Promise<void> {
    this.#stopped ??= this.#close().catch((error: unknown) => this.#fatal(error));
    return this.#stopped;
  }

  /** Does no more, as if its process had died. */
  halt(): void {
    clearInterval(this.#reporting);
    if (this.#stopped === undefined) void this.#receiver?.close();
  }

  async #close(): Promise<void> {
    await this.#receiver?.close();
    await this.#writer?.close();
    clearInterval(this.#reporting);
    this.#report(true);
  }

  #context(): ReceiverContext {
    const { component } = this.#start;
    return {
      topology: this.#built.plan.name,
      component,
      now: () => systemClock.now(),
      warn: (message) => this.#notice(message),
      ...this.#own.of(component),
      journal: async ({ maxBytes }) => (this.#writer = await this.#openJournal(maxBytes)),
      fatal: (error) => this.#fatal(error),
    };
  }

  async #openJournal(maxBytes: number): Promise<LinesWriter> {
    const { stateDir, component } = this.#start;
    const { positions } = await readCommits(stateDir, component);
    return LinesWriter.open({
      folder: journalFolder(taskFolder(stateDir, component, 0)),
      maxBytes,
      committed: positions.get(PARTITION) ?? 0,
      clock: systemClock,
      durably: (action) =>
        durably(action, {
          clock: systemClock,
          onStall: (code) => this.#notice(`the journal cannot be written (${code}): ${WAITS}`),
          onResume: () => this.#notice('the journal can be written again'),
        }),
      fatal: (error) => this.#fatal(error),
    });
  }

  #report(done: boolean): void {
    if (this.#writer !== undefined) this.#journalBytes.set(this.#writer.bytes);
    this.#send({ type: 'received', own: this.#own.snapshot(), done });
  }

  #notice(message: string): void {
    this.#send({ type: 'notice', component: this.#start.component, message });
  }

  #fatal(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#send({ type: 'fatal', component: this.#start.component, message });
  }
}

const WAITS = 'what comes in waits in memory; when that is full, it is dropped and counted';
