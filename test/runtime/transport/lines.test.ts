import { once } from 'node:events';
import { createServer, connect, type Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readMessages, writeMessage } from '../../../runtime/transport/lines.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'squall-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Both ends of a socket. */
async function pair(): Promise<[Socket, Socket, () => void]> {
  const server = createServer().listen(join(folder, 's'));
  await once(server, 'listening');
  const near = connect(join(folder, 's'));
  const [far] = (await once(server, 'connection')) as [Socket];
  return [near, far, () => void server.close()];
}

test('messages arrive as they were sent, however the bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.jsonValue()),
      fc.integer({ min: 1, max: 7 }),
      async (sent, cut) => {
        const [near, far, close] = await pair();
        const got: unknown[] = [];
        readMessages(far, (message) => got.push(message));
        const written: Buffer[] = [];
        writeMessageTo(written, sent);
        const bytes = Buffer.concat(written);
        for (let at = 0; at < bytes.length; at += cut) near.write(bytes.subarray(at, at + cut));
        near.end();
        await once(far, 'end');
        expect(got).toEqual(sent.map((each) => JSON.parse(JSON.stringify(each)) as unknown));
        far.destroy();
        close();
      },
    ),
    { numRuns: 25 },
  );
});

test('whoever sends anything else is cut off', async () => {
  const [near, far, close] = await pair();
  readMessages(far, () => expect('no message').toBe('here'));
  near.on('error', () => {});
  near.write('GET / HTTP/1.1\n');
  await once(near, 'close');
  close();
});

function writeMessageTo(written: Buffer[], messages: readonly unknown[]): void {
  const socket = { write: (text: string) => void written.push(Buffer.from(text)) };
  for (const message of messages) writeMessage(socket as unknown as Socket, message);
}
