/**
 * Runs a program of Varnish and journals what it writes.
 *
 * Varnish waits for nobody: when the journal is full the program is not read, and then Varnish's log overruns
 * it. It says so on standard error, and that is counted.
 *
 * @module
 */
import type { Counter } from '../../topology/dsl/context.js';
import type { JournalWriter, Receiver, ReceiverContext } from '../../topology/dsl/receiver.js';
import type { Command } from './command.js';
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
  readonly #overruns: Counter;
  readonly #abandoned: Counter;
  readonly #restarts: Counter;
  readonly #cut: Counter;
  /** The log is gone, and not there again. */
  #away = false;
  /** Lines that the journal has no room for. */
  #waiting: Uint8Array | null = null;
  #timer: NodeJS.Timeout | undefined;

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
    this.#overruns = context.counter(
      'varnish_log_overruns_total',
      "How often Varnish's log had gone round before it was read: the requests between are lost.",
    );
    this.#abandoned = context.counter(
      'varnish_log_abandoned_total',
      "How often Varnish's log went away, because Varnish was restarted.",
    );
    this.#restarts = context.counter(
      'varnish_reader_restarts_total',
      'How often varnishncsa or varnishlog ended and was started again.',
    );
    this.#cut = context.counter(
      'varnish_cut_rows_total',
      'Rows of which Varnish had cut a URL or header at vsl_reclen.',
    );
    this.#child = new WatchedChild(command, {
      data: (bytes) => this.#take(bytes),
      said: (line) => this.#said(line),
      ended: (how) => this.#ended(how),
    });
  }

  async close(): Promise<void> {
    await this.#child.stop();
    clearTimeout(this.#timer);
    if (this.#waiting === null || this.#journal.append(this.#waiting)) return;
    this.#context.warn(
      'The journal is full, and what had been read of the log and was not in it is lost. Give the journal more maxBytes.',
    );
  }

  #take(bytes: Buffer): void {
    const before = this.#recorder.cut;
    const lines = this.#recorder.take(bytes);
    this.#cut.add(this.#recorder.cut - before);
    this.#append(lines);
  }

  #append(lines: Uint8Array): void {
    if (this.#waiting === null && this.#journal.append(lines)) return;
    // Only while it is being stopped does more come: what waits is kept.
    this.#waiting = this.#waiting === null ? lines : Buffer.concat([this.#waiting, lines]);
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
    this.#overruns.add();
    this.#away = true;
    this.#context.warn(
      `${this.#program}: Log overrun: Varnish logged faster than it was read, and requests are lost (varnish_log_overruns_total). Raise vsl_space of varnishd, read less by a query, or make room for the reader.`,
    );
  }

  /** Said again and again until there is a log. */
  #goneAway(): void {
    if (this.#away) return;
    this.#away = true;
    this.#abandoned.add();
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
    this.#restarts.add();
    this.#context.warn(
      `${this.#program} ended (${how}) and is started again; requests meanwhile are lost`,
    );
  }
}

const FULL_DELAY_MS = 50;
