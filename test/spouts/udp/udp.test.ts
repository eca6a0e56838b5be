import { spawnSync } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, test } from '@jest/globals';
import { OwnMetrics } from '../../../runtime/metrics/own-metrics.js';
import { udp, type UdpOptions } from '../../../spouts/udp/udp.js';
import type { Receiver } from '../../../topology/dsl/receiver.js';
import { freePorts } from '../../support/services/service.js';

const opened: Receiver[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const receiver of opened.splice(0)) await receiver.close();
  for (const socket of sockets.splice(0)) socket.close();
});

/** Receives, and keeps what would be journalled; a journal of so many bytes. */
async function receiving(options: Partial<UdpOptions> = {}, room = Infinity) {
  const [port] = await freePorts(1);
  const own = new OwnMetrics();
  const journalled: string[] = [];
  const warnings: string[] = [];
  const receiver = await udp({ port: port!, ...options }).receive!({
    topology: 't',
    component: 'lines',
    now: Date.now,
    warn: (message) => void warnings.push(message),
    ...own.of('lines'),
    journal: async () => ({
      append: (lines) => journalled.length < room && journalled.push(String(lines)) > 0,
    }),
    fatal: (error) => {
      throw error;
    },
  });
  opened.push(receiver);
  const figure = (name: string): number | undefined =>
    own.snapshot().find((series) => series.name === name)?.value;
  return { port: port!, receiver, journalled, warnings, figure };
}

/** Sends while nobody here reads: this thread waits for another process. */
function flood(port: number, count: number, address = '127.0.0.1'): void {
  const type = address.includes(':') ? 'udp6' : 'udp4';
  const script = `
    const socket = require('node:dgram').createSocket('${type}');
    let left = ${count};
    const next = () => left-- > 0 ? socket.send(Buffer.alloc(1000, 'x'), ${port}, '${address}', next) : socket.close();
    next();`;
  expect(spawnSync(process.execPath, ['-e', script]).status).toBe(0);
}

async function send(port: number, ...datagrams: readonly string[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const datagram of datagrams)
    await new Promise<void>((done) => socket.send(datagram, port, '127.0.0.1', () => done()));
  socket.close();
}

test('each datagram is journalled as it came, and counted', async () => {
  const { port, receiver, journalled, figure } = await receiving();
  await send(port, 'a\nb', '', 'x'.repeat(65_507));
  // Closing takes what the kernel has.
  await receiver.close();
  opened.pop();
  expect(journalled).toEqual(['a\nb', '', 'x'.repeat(65_507)]);
  expect(figure('udp_datagrams_total')).toBe(3);
  expect(figure('udp_bytes_total')).toBe(65_510);
  expect(figure('udp_kernel_drops_total')).toBe(0);
});

test.each(['127.0.0.1', '::1'])('what the kernel drops is counted exactly (%s)', async (host) => {
  const { port, receiver, journalled, warnings, figure } = await receiving({
    host,
    receiveBufferBytes: 20_000,
  });
  flood(port, 500, host);
  await receiver.close();
  opened.pop();
  const drops = figure('udp_kernel_drops_total')!;
  expect(drops).toBeGreaterThan(0);
  expect(journalled.length + drops).toBe(500);
  expect(warnings).toContainEqual(expect.stringContaining('the kernel drops datagrams'));
});

test('the drops of another socket on the same port are not counted', async () => {
  const { port, receiver, figure } = await receiving();
  const other = createSocket({ type: 'udp4', recvBufferSize: 1 }).bind(port, '127.0.0.2');
  sockets.push(other);
  await once(other, 'listening');
  flood(port, 200, '127.0.0.2');
  await receiver.close();
  opened.pop();
  expect(figure('udp_kernel_drops_total')).toBe(0);
});

test('a datagram that finds the journal full is counted, and it is said once', async () => {
  const { port, receiver, journalled, warnings, figure } = await receiving({}, 2);
  await send(port, 'a', 'b', 'c', 'd');
  await receiver.close();
  opened.pop();
  expect(journalled).toEqual(['a', 'b']);
  expect(figure('udp_datagrams_total')).toBe(4);
  expect(figure('udp_journal_drops_total')).toBe(2);
  expect(warnings).toContainEqual(expect.stringContaining('the journal is full'));
});

test('a receive buffer that the kernel caps is said, with what to raise', async () => {
  const asked = 2 ** 30;
  const { warnings, figure } = await receiving({ receiveBufferBytes: asked });
  const got = figure('udp_receive_buffer_bytes');
  expect(got).toBeLessThan(asked);
  expect(warnings.at(-1)).toBe(
    `the receive buffer should have ${asked} bytes and the kernel allows only ${got}. Allow more with: sysctl -w net.core.rmem_max=${asked}`,
  );
});

test.each<[Partial<UdpOptions>, string]>([
  [{ port: 0 }, 'port is 0'],
  [{ port: 65_536 }, 'port is 65536'],
  [{ receiveBufferBytes: 0 }, 'receiveBufferBytes is 0'],
  [{ journal: { maxBytes: 1000 } }, 'journal.maxBytes is 1000'],
  [{ journal: { maxAgeMs: 0 } }, 'journal.maxAgeMs is 0'],
])('options out of range are refused: %j', (options, message) => {
  expect(() => udp({ port: 1, ...options })).toThrow(message);
});

test('an address that is not of this machine is said before the start', async () => {
  const [port] = await freePorts(1);
  const spout = udp({ port: port!, host: '192.0.2.1' });
  await expect(spout.assign!(1, new Map())).rejects.toThrow(
    `cannot listen on UDP port ${port} of 192.0.2.1: this machine has no such address.`,
  );
});
