/**
 * A spout of lines that come as UDP datagrams, as udp2log's did: one or more lines each, up to 65,507 bytes.
 *
 * A process of its own receives and journals them, encrypted; the spout's one task reads the journal. What the kernel
 * dropped before that, and what found the journal full, is counted to the datagram.
 *
 * @module
 */
import { LineBatch } from '../../topology/dsl/line-batch.js';
import { RawLine } from '../../topology/dsl/raw-line.js';
import { spout, type Spout } from '../../topology/dsl/spout.js';
import { bound, closed } from './socket.js';
import { UdpReceiver } from './udp-receiver.js';

/** What is asked of the kernel unless told otherwise. */
export const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

export interface UdpOptions {
  /** From 1 to 65,535. */
  readonly port: number;
  /** The address to listen on, IPv4 or IPv6: `0.0.0.0` or `::` for all of this machine's. By default 127.0.0.1. */
  readonly host?: string;
  readonly journal?: {
    /** What may wait on disk; what comes when it is full is dropped and counted. By default 1 GiB. */
    readonly maxBytes?: number;
    /** Lines that have waited longer are dropped and counted. By default a day. */
    readonly maxAgeMs?: number;
  };
  /** The kernel's buffer, which bridges the moments in which nobody reads: 4 MiB, the default, hold about 6,500 datagrams of 250 bytes. */
  readonly receiveBufferBytes?: number;
}

/**
 * Emits a row per line. An empty line is a line, a last one without a newline too, and an empty datagram is none. Who
 * sent a line is not kept: an address is personal data, and a line says itself where it is from.
 *
 * A run fails at its start with an Error when the port is in use or privileged, or `tasks` is not 1.
 *
 * @throws RangeError when an option is out of range
 *
 * @example
 * const lines = t.spout('udp2log', udp({ port: 8420, host: '0.0.0.0' }));
 */
export function udp({
  port,
  host = '127.0.0.1',
  journal = {},
  receiveBufferBytes = RECEIVE_BUFFER_BYTES,
}: UdpOptions): Spout<RawLine> {
  const { maxBytes = 1024 * MIB, maxAgeMs = DAY_MS } = journal;
  wholeNumber('port', port, 1, 65_535);
  wholeNumber('receiveBufferBytes', receiveBufferBytes, 1, 2 ** 31 - 1);
  wholeNumber('journal.maxBytes', maxBytes, MIB, Number.MAX_SAFE_INTEGER);
  wholeNumber('journal.maxAgeMs', maxAgeMs, 1, Number.MAX_SAFE_INTEGER);
  const options = { port, host, receiveBufferBytes };
  return spout({
    kind: 'udp',
    emits: RawLine,
    parameters: { ...options, journal: { maxBytes, maxAgeMs } },
    tasks: 1,
    async assign(tasks) {
      if (tasks !== 1)
        throw new Error(
          `${tasks} tasks cannot share a port here: leave "tasks" out, and give the bolts behind it more.`,
        );
      await closed(await bound(options));
      return [];
    },
    receive: async (context) =>
      UdpReceiver.open(context, options, await context.journal({ maxBytes })),
    open: (context) => context.journal({ maxAgeMs }),
    revive: LineBatch.revive,
  });
}

const MIB = 1024 * 1024;
const DAY_MS = 86_400_000;

function wholeNumber(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max)
    throw new RangeError(`${name} is ${value}; give a whole number from ${min} to ${max}.`);
}
