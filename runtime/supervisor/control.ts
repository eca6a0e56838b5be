/**
 * Where processes of topologies, and nimbus, call the supervisor: a unix socket in a folder that only this user may
 * enter. Whoever calls says first who it is.
 *
 * @module
 */
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { readMessages } from '../transport/lines.js';

/** One that called. */
export interface Caller {
  readonly socket: Socket;
  /** The first message. */
  readonly hello: unknown;
  /** Called with each message after it; set by whoever takes the call. */
  take: (message: unknown) => void;
}

/** sockaddr_un(7) has room for 107 bytes. */
const PATH_BYTES_MAX = 107;

export class Control {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(called: (caller: Caller) => void) {
    this.#server = createServer((socket) => this.#greet(socket, called));
  }

  /** Listens before it resolves; what is left of another that was killed is replaced. @throws Error when the path is too long */
  static async listen(path: string, called: (caller: Caller) => void): Promise<Control> {
    if (Buffer.byteLength(path) > PATH_BYTES_MAX)
      throw new Error(
        `The path ${path} is too long for a socket (at most ${PATH_BYTES_MAX} bytes). Give a shorter --cluster.`,
      );
    const control = new Control(called);
    await rm(path, { force: true });
    control.#server.listen(path);
    await once(control.#server, 'listening');
    return control;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #greet(socket: Socket, called: (caller: Caller) => void): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {});
    let caller: Caller | null = null;
    readMessages(socket, (message) => {
      if (caller !== null) return caller.take(message);
      caller = { socket, hello: message, take: () => {} };
      called(caller);
    });
  }
}
