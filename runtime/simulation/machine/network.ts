/**
 * Streams of bytes between the processes of the simulated machine: in order on one connection, in any order between
 * two. Bytes come in pieces; what was sent before an end is read before it, unless the connection was cut.
 *
 * @module
 */
import { EventEmitter } from 'node:events';
import type { Server, Socket, Transport } from '../../world.js';
import type { Chance } from './random.js';
import type { Actor, Timeline } from './timeline.js';

type Connecting = Parameters<Transport['connect']>[0];
type OnRead = Connecting['onread'];

/** What the kernel holds for a reader that does not read. */
const HELD_BYTES_MAX = 64 * 1024;

export class Network {
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

  dial(owner: Actor, path: string, onread: OnRead): End {
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

/** One end of a connection, as its process has it. */
export class End extends EventEmitter {
  readonly #network: Network;
  readonly owner: Actor;
  readonly #onread: OnRead | null;
  #far: End | null = null;
  /** Written, and not yet taken by the kernel. */
  readonly #written: { bytes: Uint8Array; taken: () => void }[] = [];
  /** Sent by the other end, and not yet read here. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #begun = false;
  #moving = false;
  #reading = false;
  /** The other end sends no more. */
  #over = false;
  /** Nothing comes any more, not even what is on the way. */
  #broken = false;
  ended = false;

  constructor(network: Network, owner: Actor, onread: OnRead | null) {
    super();
    this.#network = network;
    this.owner = owner;
    this.#onread = onread;
  }

  get readyState(): string {
    if (this.ended) return 'closed';
    return this.#far === null ? 'opening' : 'open';
  }

  join(far: End): void {
    this.#far = far;
    far.#far = this;
  }

  /** Its process knows of it. */
  begin(): void {
    this.#begun = true;
    if (this.#onread !== null) this.emit('connect');
    this.#move();
    this.#read();
  }

  write(bytes: Uint8Array, taken: () => void = () => {}): boolean {
    this.#written.push({ bytes, taken });
    this.#move();
    return true;
  }

  destroy(): this {
    if (this.ended) return this;
    this.#far?.hearEnd();
    this.end();
    return this;
  }

  /** Both ends lose it, and what was on the way. */
  cut(): void {
    for (const end of [this, this.#far]) {
      if (end === null || end.ended) continue;
      end.#held = [];
      end.#over = end.#broken = true;
      end.#later('cut', () => end.end());
    }
  }

  /** The process of one end is dead. */
  abandon(owner: Actor): void {
    for (const [end, other] of [
      [this, this.#far],
      [this.#far, this],
    ]) {
      if (end?.owner !== owner || end.ended) continue;
      end.ended = true;
      end.#written.length = 0;
      other?.hearEnd();
      this.#network.forget(end);
    }
  }

  /** It is closed here; said a little later. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.#network.forget(this);
    for (const { taken } of this.#written.splice(0)) this.#later('not taken', taken);
    this.#later('close', () => this.emit('close'));
  }

  hearEnd(): void {
    this.#over = true;
    this.#read();
  }

  /** What was written goes to the other end, as long as that holds it. Copied when it goes, as it may not change before. */
  #move(): void {
    const far = this.#far;
    if (this.#moving || far === null || this.#written.length === 0) return;
    if (far.#heldBytes > 0 && far.#heldBytes + this.#written[0]!.bytes.length > HELD_BYTES_MAX)
      return;
    this.#moving = true;
    this.#later('send', () => {
      this.#moving = false;
      const next = this.#written.shift();
      if (next === undefined || this.ended) return;
      if (!far.ended && !far.#broken) {
        far.#held.push(Buffer.from(next.bytes));
        far.#heldBytes += next.bytes.length;
        far.#read();
      }
      next.taken();
      this.#move();
    });
  }

  #read(): void {
    if (this.#reading || !this.#begun || this.ended) return;
    if (this.#held.length === 0 && !this.#over) return;
    this.#reading = true;
    this.#later('receive', () => {
      this.#reading = false;
      if (this.ended) return;
      const held = this.#held.shift();
      if (held === undefined) return this.#over ? this.end() : undefined;
      const read = this.#take(held);
      this.#heldBytes -= read;
      if (read < held.length) this.#held.unshift(held.subarray(read));
      if (this.#far !== null) this.#far.#move();
      this.#read();
    });
  }

  #take(held: Buffer): number {
    if (this.#onread === null) {
      this.emit('data', held);
      return held.length;
    }
    const { chance } = this.#network;
    const length = chance.is(0.8) ? held.length : chance.int(1, held.length);
    const read = held.copy(this.#onread.buffer(), 0, 0, length);
    this.#onread.callback(read);
    return read;
  }

  #later(what: string, run: () => void): void {
    this.#network.timeline.in(this.#network.delayMs(), this.owner, what, run);
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
