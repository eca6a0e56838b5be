/** Messages as JSON, one a line, over a stream socket between processes of one user. @module */
import type { Socket } from 'node:net';

/** Of one message: a longer one is no message of ours. */
const LINE_BYTES_MAX = 64 * 1024 * 1024;
const NEWLINE = 10;

/** Calls back for each message that comes in; a socket that sends anything else is closed. */
export function readMessages(socket: Socket, take: (message: unknown) => void): void {
  let parts: Buffer[] = [];
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      const line = Buffer.concat([...parts, chunk.subarray(from, at)]).toString();
      parts = [];
      bytes = 0;
      from = at + 1;
      const message = parsed(line);
      if (message === undefined) return void socket.destroy();
      take(message);
    }
    if (from < chunk.length) parts.push(chunk.subarray(from));
    bytes += chunk.length - from;
    if (bytes > LINE_BYTES_MAX) socket.destroy();
  });
}

export const writeMessage = (socket: Socket, message: unknown): void =>
  void socket.write(`${JSON.stringify(message)}\n`);

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
