/** The processes of a cluster that are not workers. @module */
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openLog, type Log } from '../../runtime/log.js';
import { serveApi, type ApiServer } from '../../runtime/nimbus/api/server.js';
import { Nimbus } from '../../runtime/nimbus/nimbus.js';
import { tokenAt } from '../../runtime/nimbus/token.js';
import { writeAtomically } from '../../runtime/state/atomic-file.js';
import { makeFolder } from '../../runtime/state/folder.js';
import { whenMissing } from '../../runtime/state/system-error.js';
import { Supervisor } from '../../runtime/supervisor/supervisor.js';
import { catalog } from '../../topology/catalog/index.js';
import type { ClusterOptions } from '../cluster-folder.js';
import { CommandError } from '../exit-codes.js';

export interface NimbusOptions extends ClusterOptions {
  readonly port?: number;
  readonly host: string;
}

/** Where the page is, once it is built. */
const PAGE = fileURLToPath(new URL('../../dashboard', import.meta.url));

/** Runs until a signal. @throws CommandError, StateInUse when it cannot begin */
export async function runNimbus({ cluster, host, port }: NimbusOptions): Promise<void> {
  const log = await logOf('nimbus');
  await makeFolder(cluster);
  const token = await tokenAt(join(cluster, 'token'));
  const nimbus = await Nimbus.start({ dir: cluster, catalog, log });
  const noted = join(cluster, 'nimbus.json');
  const api = await listening(
    port === undefined ? [...(await portBefore(noted)), 8080, 0] : [port],
    {
      operations: nimbus,
      token,
      host,
      onError: (error) => log.error(String(error)),
      ...(existsSync(PAGE) && { pageFolder: PAGE }),
    },
  );
  await writeAtomically(noted, JSON.stringify({ url: api.url, pid: process.pid }));
  process.send?.({ url: api.url, token });
  log.info(`listening at ${api.url}`);
  await signalled();
  await api.close();
  await nimbus.stop();
  await rm(noted, { force: true });
}

/** Runs until a signal; a second one ends what is in flight as well. @throws StateInUse when it cannot begin */
export async function runSupervisor({ cluster }: ClusterOptions): Promise<void> {
  const log = await logOf('supervisor');
  const supervisor = await Supervisor.start(cluster, log);
  process.send?.({});
  log.info(`keeping the topologies in ${cluster} running`);
  await signalled();
  log.info('stopping: what is in flight finishes first; once more to stop at once');
  await Promise.race([supervisor.stop(), signalled().then(() => supervisor.halt())]);
}

/** Where nimbus listened that did not live to say that it does not any more: who has the page open finds it again. */
async function portBefore(noted: string): Promise<number[]> {
  const text = await readFile(noted, 'utf8').catch(whenMissing('{}'));
  const { url } = JSON.parse(text) as { readonly url?: string };
  return url === undefined ? [] : [Number(new URL(url).port)];
}

/** At the first of those ports that no other program has. */
async function listening(
  [port, ...others]: readonly number[],
  options: Omit<Parameters<typeof serveApi>[0], 'port'>,
): Promise<ApiServer> {
  try {
    return await serveApi({ ...options, port: port! });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE' && others.length > 0) return listening(others, options);
    const why = code === 'EADDRINUSE' ? 'another program listens there' : code;
    throw new CommandError(
      `nimbus cannot listen at ${options.host}, port ${port}: ${why}. Give another --port (0 for any that is free) or --host.`,
    );
  }
}

const logOf = (role: string): Promise<Log> =>
  openLog({ topology: role, level: 'info', format: 'pretty' }, (line) =>
    process.stderr.write(`${role}: ${line}\n`),
  );

/** Resolves at SIGINT or SIGTERM. Whoever started this process with a channel and died ends it without a word: what it keeps running runs on. */
function signalled(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
    process.once('disconnect', () => process.exit(1));
  });
}
