/**
 * What the kernel says of one socket of this process: the datagrams that it dropped, and the bytes that wait.
 *
 * proc_net_udp: `sl local_address rem_address st tx_queue:rx_queue tr:when retrnsmt uid timeout inode ref pointer drops`; numbers
 * but the last few are hexadecimal. `drops` counts what found the receive buffer full, or had a bad checksum.
 *
 * @module
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface KernelQueue {
  /** Datagrams, since the socket was made. */
  readonly drops: number;
  readonly waitingBytes: number;
}

/** The inode of this process' UDP socket on `port`; undefined where there is no /proc. */
export function inodeOf(port: number): string | undefined {
  const own = new Set(ownSockets());
  return rows().find(({ local, inode }) => local === port && own.has(inode))?.inode;
}

/** @param inode of `inodeOf`; undefined when the socket is closed */
export function kernelQueue(inode: string): KernelQueue | undefined {
  return rows().find((row) => row.inode === inode);
}

interface SocketRow extends KernelQueue {
  readonly local: number;
  readonly inode: string;
}

const rows = (): SocketRow[] =>
  ['/proc/net/udp', '/proc/net/udp6'].flatMap((path) =>
    textOf(path).split('\n').slice(1).flatMap(rowOf),
  );

function rowOf(line: string): SocketRow[] {
  const fields = line.trim().split(/\s+/);
  if (fields.length < 13) return [];
  return [
    {
      local: hex(fields[1].split(':')[1]),
      waitingBytes: hex(fields[4].split(':')[1]),
      inode: fields[9],
      drops: Number(fields[12]),
    },
  ];
}

const hex = (text: string): number => Number.parseInt(text, 16);

function ownSockets(): string[] {
  try {
    return readdirSync('/proc/self/fd').flatMap(socketInode);
  } catch {
    return [];
  }
}

/** Of a descriptor that is a socket. One may have been closed meanwhile. */
function socketInode(fd: string): string[] {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.slice(1) ?? [];
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
