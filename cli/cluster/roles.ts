/** The processes of a cluster that are not workers. @module */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openLog, type Log } from '../../runtime/log.js';
import { serveApi, type ApiServer } from '../../runtime/nimbus/api/server.js';
import { Nimbus } from '../../runtime/nimbus/nimbus.js';
import { tokenAt } from '../../runtime/nimbus/token.js';
import { writeAtomically } from '../../runtime/state/atomic-file.js';
import { makeFolder } from '../../runtime/state/folder.js';
import { Supervisor } from '../../runtime/supervisor/supervisor.js';
import { catalog } from '../../topology/catalog/index.js';
import type { ClusterOptions } from '../cluster-folder.js';
import { CommandError } from '../exit-codes.js';

export interface NimbusOptions extends ClusterOptions {
  readonly port: number;
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
  const api = await listening({
    operations: nimbus,
    token,
    host,
    port,
    onError: (error) => log.error(String(error)),
    ...(existsSync(PAGE) && { pageFolder: PAGE }),
  });
  const noted = join(cluster, 'nimbus.json');
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

async function listening(options: Parameters<typeof serveApi>[0]): Promise<ApiServer> {
  try {
    return await serveApi(options);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'another program listens there' : code;
    throw new CommandError(
      `nimbus cannot listen at ${options.host}, port ${options.port}: ${why}. Give another --port (0 for any that is free) or --host.`,
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
