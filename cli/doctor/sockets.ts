/** Whether workers can find each other: by unix sockets in the folder for temporary files. @module */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SOCKETS_PREFIX } from '../../runtime/coordinator/leftovers.js';
import { codeOf } from '../../runtime/state/system-error.js';
import { fail, ok, type Check } from './check.js';

/** As long as any: `<worker>-<epoch>.sock`. */
const NAME = '63-999999999999.sock';
/** Linux' sun_path, less its end (unix(7)). Node cuts what is longer off, without a word. */
const PATH_BYTES_MAX = 107;
/** What mkdtemp adds. */
const RANDOM = 'XXXXXX';

export async function socketsCheck(prefix = SOCKETS_PREFIX): Promise<Check> {
  const name = 'worker sockets';
  const bytes = Buffer.byteLength(join(`${prefix}${RANDOM}`, NAME));
  if (bytes > PATH_BYTES_MAX)
    return fail(
      name,
      `their paths in ${tmpdir()} have ${bytes} bytes; ${PATH_BYTES_MAX} fit`,
      NEXT,
    );
  try {
    await listenIn(await mkdtemp(prefix));
    return ok(name, `in ${tmpdir()}`);
  } catch (error) {
    const found = `none can be made in ${tmpdir()} (${codeOf(error) ?? 'unknown'})`;
    return fail(name, found, NEXT);
  }
}

const NEXT = 'Set TMPDIR to a folder with a short path that this user may write.';

async function listenIn(folder: string): Promise<void> {
  const server = createServer();
  server.listen(join(folder, NAME));
  try {
    await once(server, 'listening');
  } finally {
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
}
