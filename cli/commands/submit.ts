/** `squall submit`: hands a topology over to a cluster. @module */
import { Command } from 'commander';
import { WORKERS_MAX } from '../../runtime/nimbus/operations.js';
import { Client } from '../client.js';
import { clusterOption, type ClusterOptions } from '../cluster-folder.js';
import { setOption } from '../parameters.js';
import { stdoutForResult } from '../stdout.js';
import { sendable } from '../submission-source.js';
import { plural } from '../topology-text.js';
import { waitUntil } from '../waiting.js';
import { maxAttemptsOption, messageTimeoutOption, wholeNumber, WORKERS_DEFAULT } from './run.js';

interface SubmitOptions extends ClusterOptions {
  readonly name?: string;
  readonly set?: string[];
  readonly workers: number;
  readonly maxAttempts: number;
  readonly messageTimeout: number;
  readonly workerMemoryMb?: number;
  readonly wait?: true;
  readonly json?: true;
}

export const submitCommand = (): Command =>
  new Command('submit')
    .description('Check a topology, and hand it over to the cluster, which runs it from then on.')
    .argument('<topology>', 'a name (see "squall catalog") or the path of a file')
    .option('--name <name>', 'what it is called in the cluster (default: as it calls itself)')
    .addOption(setOption())
    .option('--workers <number>', 'worker processes', wholeNumber(1, WORKERS_MAX), WORKERS_DEFAULT)
    .addOption(maxAttemptsOption())
    .addOption(messageTimeoutOption())
    .option(
      '--worker-memory-mb <number>',
      'heap of a worker (default: as "squall run")',
      wholeNumber(64, 1_048_576),
    )
    .option('--wait', 'until it runs')
    .addOption(clusterOption())
    .option('--json', 'print its status as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ squall submit canonicalize --set source=generate
  $ squall submit ./my-topology.ts --name web --workers 4 --wait

Exit codes: 0 done, 1 failed, 2 usage or refused, 4 nimbus unreachable. Relative paths in parameters begin
where this is typed.`,
    )
    .action(submit);

async function submit(topology: string, options: SubmitOptions): Promise<void> {
  const { set, name, workers, maxAttempts, messageTimeout, workerMemoryMb } = options;
  const print = stdoutForResult(true);
  const { name: own, ...checked } = await sendable(topology, set);
  const client = await Client.of(options);
  const taken = await client.submit({
    name: name ?? own,
    ...checked,
    workers,
    maxAttempts,
    messageTimeoutMs: messageTimeout,
    ...(workerMemoryMb !== undefined && { workerMemoryMb }),
  });
  const status = options.wait
    ? await waitUntil(client, taken.name, (state) => state === 'running' || state === 'completed')
    : taken;
  print(
    options.json
      ? `${JSON.stringify(status)}\n`
      : `${status.name} is ${status.state}, with ${plural(status.workers, 'worker')}. See it with: squall show ${status.name}\n`,
  );
}
