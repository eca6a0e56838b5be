/** Receives datagrams into the journal, and counts all that came and all that was lost. @module */
import type { Socket } from 'node:dgram';
import { setImmediate as turn } from 'node:timers/promises';
import type { Counter } from '../../topology/dsl/context.js';
import type { JournalWriter, Receiver, ReceiverContext } from '../../topology/dsl/receiver.js';
import { inodeOf, kernelQueue } from './kernel-queue.js';
import { bound, closed, type SocketOptions } from './socket.js';

const DROPS_PERIOD_MS = 250;
/** How long a socket that is to be closed is still read from when senders do not stop. */
const LAST_READS_MS = 500;

export class UdpReceiver implements Receiver {
  readonly #socket: Socket;
  readonly #context: ReceiverContext;
  readonly #inode: string | undefined;
  readonly #kernelDrops: Counter;
  readonly #timer: NodeJS.Timeout;
  #dropsCounted = 0;

  private constructor(socket: Socket, context: ReceiverContext, journal: JournalWriter) {
    this.#socket = socket;
    this.#context = context;
    this.#inode = inodeOf(socket.address().port);
    this.#kernelDrops = context.counter(
      'udp_kernel_drops_total',
      'Datagrams that the kernel dropped, mostly because the receive buffer was full.',
    );
    this.#timer = setInterval(() => this.#countDrops(), DROPS_PERIOD_MS);
    socket.on('message', receiving(context, journal));
    socket.on('error', (error) => context.fatal(error));
    if (this.#inode === undefined)
      context.warn('there is no /proc/net/udp here: what the kernel drops is not counted');
  }

  /** @throws Error when the port cannot be listened on */
  static async open(
    context: ReceiverContext,
    options: SocketOptions,
    journal: JournalWriter,
  ): Promise<UdpReceiver> {
    const socket = await bound(options);
    tell(context, options, socket.getRecvBufferSize() / BOOKKEEPING);
    return new UdpReceiver(socket, context, journal);
  }

  /** Takes what the kernel has, so that it is either received or counted as dropped. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    const endMs = performance.now() + LAST_READS_MS;
    while (this.#waitingBytes() > 0 && performance.now() < endMs) await turn();
    this.#countDrops();
    await closed(this.#socket);
  }

  #waitingBytes(): number {
    return (this.#inode === undefined ? undefined : kernelQueue(this.#inode))?.waitingBytes ?? 0;
  }

  #countDrops(): void {
    const drops = this.#inode === undefined ? undefined : kernelQueue(this.#inode)?.drops;
    if (drops === undefined || drops === this.#dropsCounted) return;
    this.#kernelDrops.add(drops - this.#dropsCounted);
    this.#dropsCounted = drops;
    this.#context.warn(
      'the kernel drops datagrams: they come faster than they are read. udp_kernel_drops_total counts them; a larger receiveBufferBytes bridges bursts.',
    );
  }
}

/** Linux doubles what it is asked for, to have room for its own bookkeeping (socket(7), SO_RCVBUF). */
const BOOKKEEPING = process.platform === 'linux' ? 2 : 1;

function tell(context: ReceiverContext, options: SocketOptions, got: number): void {
  const { port, host, receiveBufferBytes: asked } = options;
  context.warn(`receives on UDP port ${port} of ${host} with a buffer of ${got} bytes`);
  context.gauge('udp_receive_buffer_bytes', 'The receive buffer that the kernel gave.').set(got);
  if (got < asked)
    context.warn(
      `the receive buffer should have ${asked} bytes and the kernel allows only ${got}. Allow more with: sysctl -w net.core.rmem_max=${asked}`,
    );
}

function receiving(context: ReceiverContext, journal: JournalWriter): (datagram: Buffer) => void {
  const datagrams = context.counter('udp_datagrams_total', 'Datagrams that were received.');
  const bytes = context.counter('udp_bytes_total', 'Bytes of datagrams that were received.');
  const drops = context.counter(
    'udp_journal_drops_total',
    'Datagrams that were received and dropped because the journal was full.',
  );
  return (datagram) => {
    datagrams.add();
    bytes.add(datagram.length);
    if (journal.append(datagram)) return;
    drops.add();
    context.warn(
      'the journal is full: datagrams are dropped, and udp_journal_drops_total counts them. The topology is too slow, or journal.maxBytes too small.',
    );
  };
}
