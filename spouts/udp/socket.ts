/** A UDP socket that is bound, or an error that says what to do. @module */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';

export interface SocketOptions {
  readonly port: number;
  readonly host: string;
  readonly receiveBufferBytes: number;
}

/** @throws Error that names port and host, and the next step */
export async function bound(options: SocketOptions): Promise<Socket> {
  const { port, host, receiveBufferBytes } = options;
  const type = isIPv6(host) ? 'udp6' : 'udp4';
  const socket = createSocket({ type, recvBufferSize: receiveBufferBytes });
  try {
    socket.bind({ port, address: host, exclusive: true });
    await once(socket, 'listening');
    return socket;
  } catch (error) {
    socket.close();
    throw new Error(problem(error, options), { cause: error });
  }
}

export async function closed(socket: Socket): Promise<void> {
  socket.close();
  await once(socket, 'close');
}

function problem(error: unknown, { port, host }: SocketOptions): string {
  // Looks at the shape, as errors may come from another realm.
  const shape = typeof error === 'object' && error !== null && 'code' in error;
  const reason = (shape ? REASONS[String(error.code)] : undefined) ?? String(error);
  return `cannot listen on UDP port ${port} of ${host}: ${reason}`;
}

const REASONS: { readonly [code: string]: string } = {
  EADDRINUSE: 'it is in use. See who has it with "ss -lunp", or take another port.',
  EACCES: 'it is privileged. Take a port above 1023, or run with CAP_NET_BIND_SERVICE.',
  EADDRNOTAVAIL: 'this machine has no such address. See which it has with "ip addr".',
  ENOTFOUND: 'there is no such host. Give an address of this machine.',
};
