/**
 * Runs a program of Varnish and journals what it writes.
 *
 * Varnish waits for nobody: when the journal is full the program is not read, and then Varnish's log overruns
 * it. It says so on standard error, and that is counted.
 *
 * @module
 */
import type { JournalWriter, Receiver, ReceiverContext } from '../../topology/dsl/receiver.js';
import type { Command } from './command.js';
import { countersOf, type Counters } from './counters.js';
import { canTell, isReading } from './log-open.js';
import type { Recorder } from './recorder.js';
import { WatchedChild } from './watched-child.js';

export class VarnishReceiver implements Receiver {
  readonly #context: ReceiverContext;
  readonly #journal: JournalWriter;
  readonly #recorder: Recorder;
  readonly #program: string;
  /** Asks again at which length records are cut. */
  readonly #measure: () => Promise<void>;
  readonly #child: WatchedChild;
  readonly #counters: Counters;
  /** The log is gone, and not there again. */
  #away = false;
  /** Lines that the journal has no room for. */
  #waiting: Uint8Array | null = null;
  #timer: NodeJS.Timeout | undefined;
  #opening: NodeJS.Timeout | undefined;

  constructor(
    context: ReceiverContext,
    journal: JournalWriter,
    command: Command,
    recorder: Recorder,
    measure: () => Promise<void>,
  ) {
    this.#context = context;
    this.#journal = journal;
    this.#recorder = recorder;
    this.#program = command.program;
    this.#measure = measure;
    this.#counters = countersOf(context);
    this.#child = new WatchedChild(command, {
      data: (bytes) => this.#take(bytes),
      said: (line) => this.#said(line),
      ended: (how) => this.#ended(how),
    });
    if (canTell()) this.#tellWhenReading();
  }

  async close(): Promise<void> {
    await this.#child.stop();
    clearTimeout(this.#timer);
    clearTimeout(this.#opening);
    if (this.#waiting === null || this.#journal.append(this.#waiting)) return;
    this.#counters.drops.add(this.#waiting.filter((byte) => byte === NEWLINE).length);
    this.#context.warn(
      'The journal is full, and what had been read of the log and was not in it is lost (varnish_journal_drops_total). Give the journal more maxBytes.',
    );
  }

  /** Its program says nothing of it. */
  #tellWhenReading(): void {
    const { pid } = this.#child;
    if (pid !== undefined && isReading(pid))
      return this.#context.warn(`${this.#program} reads the log: requests are read from now on`);
    this.#opening = setTimeout(() => this.#tellWhenReading(), OPENING_MS);
  }

  #take(bytes: Buffer): void {
    const before = this.#recorder.cut;
    const lines = this.#recorder.take(bytes);
    this.#counters.cut.add(this.#recorder.cut - before);
    this.#append(lines);
  }

  #append(lines: Uint8Array): void {
    if (this.#waiting !== null) {
      // While it is being stopped: what the pipe held.
      this.#waiting = Buffer.concat([this.#waiting, lines]);
      return;
    }
    if (this.#journal.append(lines)) return;
    // A copy: what `take` returns is its own.
    this.#waiting = Buffer.from(lines);
    this.#context.warn(
      'The journal is full: the log is not read until the topology has caught up. Varnish does not wait; if it overruns, varnish_log_overruns_total counts it. Add workers, or give the journal more maxBytes.',
    );
    this.#child.pause();
    this.#later();
  }

  #later(): void {
    this.#timer = setTimeout(() => {
      if (!this.#journal.append(this.#waiting!)) return this.#later();
      this.#waiting = null;
      this.#child.resume();
    }, FULL_DELAY_MS);
  }

  #said(line: string): void {
    if (line.startsWith('Log overrun')) this.#overrun();
    else if (line.startsWith('Log abandoned')) this.#goneAway();
    else if (line.startsWith('Log reacquired')) this.#back();
  }

  #overrun(): void {
    this.#counters.overruns.add();
    this.#away = true;
    this.#context.warn(
      `${this.#program}: Log overrun: Varnish logged faster than it was read, and requests are lost (varnish_log_overruns_total). Raise vsl_space of varnishd, read less by a query, or make room for the reader.`,
    );
  }

  /** Said again and again until there is a log. */
  #goneAway(): void {
    if (this.#away) return;
    this.#away = true;
    this.#counters.abandoned.add();
    this.#context.warn(
      `${this.#program}: Log abandoned: Varnish was stopped or restarted; waiting for its log`,
    );
  }

  #back(): void {
    this.#away = false;
    this.#context.warn(`${this.#program}: Log reacquired: reading goes on`);
    void this.#measure();
  }

  #ended(how: string): void {
    this.#recorder.reset();
    this.#counters.restarts.add();
    this.#context.warn(
      `${this.#program} ended (${how}) and is started again; requests meanwhile are lost`,
    );
  }
}

const FULL_DELAY_MS = 50;
const OPENING_MS = 100;
const NEWLINE = 0x0a;
