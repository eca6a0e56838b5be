/**
 * Many requests in a short time: pipelined on a few connections, far faster than a client that waits for each answer.
 * The answers must have no body.
 *
 * @module
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Sent {
  readonly method?: string;
  readonly url: string;
  readonly headers?: { readonly [name: string]: string };
}

const CONNECTIONS = 4;
const PIPELINED = 50;

/** Resolves when all are answered. @throws Error when a connection ends before */
export async function load(port: number, requests: readonly Sent[]): Promise<void> {
  const connections = Array.from({ length: CONNECTIONS }, (_, i) =>
    sendAll(
      port,
      requests.filter((_request, j) => j % CONNECTIONS === i),
    ),
  );
  await Promise.all(connections);
}

async function sendAll(port: number, requests: readonly Sent[]): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  for (let at = 0; at < requests.length; at += PIPELINED) {
    const some = requests.slice(at, at + PIPELINED);
    // Bytes as they are: headers may hold any.
    socket.write(some.map(written).join(''), 'latin1');
    await answers(socket, some.length);
  }
  socket.destroy();
}

const written = ({ method = 'GET', url, headers = {} }: Sent): string =>
  [
    `${method} ${url} HTTP/1.1`,
    'Host: localhost',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    '\r\n',
  ].join('\r\n');

/** An answer ends with an empty line. */
function answers(socket: Socket, count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    const ended = (): void => reject(new Error('The connection ended before the answers came.'));
    const read = (bytes: Buffer): void => {
      text += bytes.latin1Slice();
      if (text.split('\r\n\r\n').length <= count) return;
      socket.off('data', read).off('close', ended);
      resolve();
    };
    socket.on('data', read).on('close', ended);
  });
}
