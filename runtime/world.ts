/** What a worker's process has around it, as ports: the machine, or the simulation. @module */
import { connect, createServer } from 'node:net';
import { systemClock, type Clock } from './clock.js';
import { files, type Store } from './store.js';

/** Streams of bytes between processes; `node:net` is one. */
export interface Transport {
  /** Takes connections at `path` once `listen` has called back. */
  createServer(accept: (socket: Socket) => void): Server;
  /** Reads into buffers of the caller's. */
  connect(options: { readonly path: string; readonly onread: OnRead }): Socket;
}

export interface Socket {
  readonly readyState: string;
  on(event: 'close' | 'error', call: () => void): unknown;
  once(event: 'connect', call: () => void): unknown;
  once(event: 'data', call: (bytes: Buffer) => void): unknown;
  /** @param taken called when the bytes are the kernel's, and may be changed */
  write(bytes: Uint8Array, taken?: () => void): unknown;
  destroy(): unknown;
}

export interface Server {
  once(event: 'error', call: (error: Error) => void): unknown;
  listen(path: string, listening: () => void): unknown;
  close(): unknown;
}

interface OnRead {
  readonly buffer: () => Uint8Array;
  /** So many bytes were read. */
  readonly callback: (count: number) => boolean;
}

export interface World {
  readonly clock: Clock;
  readonly store: Store;
  readonly transport: Transport;
  /** Runs `turn` soon, after whatever came in has been handled. */
  readonly schedule: (turn: () => void) => void;
}

export const machine: World = {
  clock: systemClock,
  store: files,
  transport: { connect, createServer },
  schedule: (turn) => void setImmediate(turn),
};
