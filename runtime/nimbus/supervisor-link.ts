/** Nimbus' way to the supervisor: it may come and go, and is told anew what is to run each time it comes. @module */
import { connect, type Socket } from 'node:net';
import type { Assignment } from '../supervisor/desired.js';
import type { NimbusHello } from '../supervisor/supervisor.js';
import { readMessages, writeMessage } from '../transport/lines.js';
import type { Report } from './report.js';

export interface SupervisorEvents {
  reports(reports: readonly Report[]): void;
  /** It is there, or is not there any more. */
  up(up: boolean): void;
}

const DIAL_PERIOD_MS = 100;

export class SupervisorLink {
  readonly #path: string;
  readonly #epoch: number;
  readonly #events: SupervisorEvents;
  #assignment: Assignment | null = null;
  #socket: Socket | null = null;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(path: string, epoch: number, events: SupervisorEvents) {
    this.#path = path;
    this.#epoch = epoch;
    this.#events = events;
    this.#dial();
  }

  get up(): boolean {
    return this.#socket !== null;
  }

  /** Says what is to run: now, and to each supervisor that comes. */
  assign(assignment: Assignment): void {
    this.#assignment = assignment;
    if (this.#socket !== null) writeMessage(this.#socket, assignment);
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  #dial(): void {
    const socket = connect(this.#path);
    socket.on('connect', () => {
      this.#socket = socket;
      writeMessage(socket, { nimbus: this.#epoch } satisfies NimbusHello);
      if (this.#assignment !== null) writeMessage(socket, this.#assignment);
      this.#events.up(true);
    });
    readMessages(socket, (message) =>
      this.#events.reports((message as { readonly reports: readonly Report[] }).reports),
    );
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.#socket === socket) {
        this.#socket = null;
        this.#events.up(false);
      }
      if (!this.#closed) this.#timer = setTimeout(() => this.#dial(), DIAL_PERIOD_MS);
    });
  }
}
