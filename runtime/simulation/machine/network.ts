/**
 * Streams of bytes between the processes of the simulated machine: in order on one connection, in any order between two.
 *
 * @module
 */
import type { Server, Socket, Transport } from '../../world.js';
import { End, type Connecting, type Wires } from './connection.js';
import type { Chance } from './random.js';
import type { Actor, Timeline } from './timeline.js';

export class Network implements Wires {
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly #servers = new Map<string, { owner: Actor; accept: (socket: Socket) => void }>();
  readonly #open = new Set<End>();
  /** Until when bytes are slow. */
  slowUntilMs = 0;

  constructor(timeline: Timeline, chance: Chance) {
    this.timeline = timeline;
    this.chance = chance;
  }

  /** A connection that is open, if there is one. */
  any(): End | undefined {
    const ends = [...this.#open];
    return ends.length === 0 ? undefined : this.chance.pick(ends);
  }

  serve(owner: Actor, path: string, accept: (socket: Socket) => void): void {
    this.#servers.set(path, { owner, accept });
  }

  dial(owner: Actor, path: string, onread: Connecting['onread']): End {
    const near = new End(this, owner, onread);
    this.timeline.in(this.delayMs(), owner, `dial ${path}`, () => {
      const server = this.#servers.get(path);
      if (near.ended) return;
      if (server === undefined || server.owner.state === 'dead') {
        near.emit('error', new Error(`ECONNREFUSED: ${path}`));
        near.end();
        return;
      }
      const far = new End(this, server.owner, null);
      near.join(far);
      this.#open.add(near);
      this.timeline.in(this.delayMs(), server.owner, `accept ${path}`, () => {
        server.accept(far);
        far.begin();
      });
      near.begin();
    });
    return near;
  }

  /** Of a process that is dead. */
  abandon(owner: Actor): void {
    for (const near of this.#open) near.abandon(owner);
  }

  forget(end: End): void {
    this.#open.delete(end);
  }

  delayMs(): number {
    const { chance } = this;
    if (this.timeline.nowMs < this.slowUntilMs) return chance.between(0, 400);
    return chance.is(0.05) ? chance.between(0, 20) : chance.between(0.01, 0.5);
  }
}

/** The network as a process has it. */
export class ProcessTransport implements Transport {
  readonly #network: Network;
  readonly #owner: Actor;

  constructor(network: Network, owner: Actor) {
    this.#network = network;
    this.#owner = owner;
  }

  createServer(accept: (socket: Socket) => void): Server {
    return {
      once: () => {},
      close: () => {},
      listen: (path, listening) => {
        this.#network.serve(this.#owner, path, accept);
        this.#network.timeline.in(this.#network.delayMs(), this.#owner, 'listening', listening);
      },
    };
  }

  connect({ path, onread }: Connecting): Socket {
    return this.#network.dial(this.#owner, path, onread);
  }

  abandon(): void {
    this.#network.abandon(this.#owner);
  }
}
