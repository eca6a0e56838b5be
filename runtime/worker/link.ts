/**
 * A process's way to its coordinator: the IPC of the one that forked it, with which it ends; or a socket, where
 * coordinators come and go and it outlives them.
 *
 * @module
 */
import { connect, type Socket } from 'node:net';
import type { FromWorker, HereMessage, ReceiveMessage, ToWorker } from '../coordinator/protocol.js';
import { readMessages, writeMessage } from '../transport/lines.js';

export interface LinkEvents {
  message(message: ToWorker | ReceiveMessage): void;
  /** Its coordinator is gone, and no other will come. */
  gone(): void;
  /** What another coordinator must know first. */
  here?(): HereMessage;
}

/** Where a supervisor listens, and who it is that calls. */
export interface Control {
  readonly path: string;
  readonly id: string;
}

/** The first message to a supervisor. */
export interface Hello {
  readonly id: string;
  readonly pid: number;
  /** It was told what it is there for. */
  readonly started: boolean;
}

/** To one that nobody waits for. */
export interface EndMessage {
  readonly type: 'end';
}

export type Send = (message: FromWorker) => void;

/** @param control a process argument, as JSON; without it, this process was forked */
export const openLink = (control: string | undefined, events: LinkEvents): Send =>
  control === undefined ? forkLink(events) : socketLink(JSON.parse(control) as Control, events);

function forkLink(events: LinkEvents): Send {
  process.on('message', (message: ToWorker | ReceiveMessage) => events.message(message));
  process.on('disconnect', () => events.gone());
  return (message) => {
    if (process.connected) process.send!(message);
  };
}

const DIAL_PERIOD_MS = 50;
/** Nobody listens at a path that is not there any more: the cluster's folder was deleted. */
const ABSENT_MAX = 200;
/** Messages that wait for the next coordinator. */
const WAITING_MAX = 1000;

function socketLink({ path, id }: Control, events: LinkEvents): Send {
  let current: Socket | null = null;
  let waiting: FromWorker[] = [];
  let absent = 0;
  let started = false;
  const dial = (): void => {
    const socket = connect(path);
    socket.on('connect', () => {
      absent = 0;
      current = socket;
      writeMessage(socket, { id, pid: process.pid, started } satisfies Hello);
      if (started && events.here !== undefined) writeMessage(socket, events.here());
      for (const message of waiting) writeMessage(socket, message);
      waiting = [];
    });
    readMessages(socket, (said) => {
      const message = said as ToWorker | ReceiveMessage | EndMessage;
      // It was replaced, or is not wanted any more.
      if (message.type === 'end') return events.gone();
      started = true;
      events.message(message);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' && ++absent > ABSENT_MAX) events.gone();
    });
    socket.on('close', () => {
      current = null;
      setTimeout(dial, DIAL_PERIOD_MS);
    });
  };
  dial();
  return (message) => {
    if (current !== null) writeMessage(current, message);
    // Figures are said again, and how far it is, too.
    else if (isNews(message) && waiting.length < WAITING_MAX) waiting.push(message);
  };
}

const isNews = ({ type }: FromWorker): boolean => type === 'notice' || type === 'fatal';
