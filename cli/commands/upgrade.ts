/** `squall upgrade`: another artefact, or other parameters, for a topology that runs. @module */
import { Command } from 'commander';
import type { UpgradeResult } from '../../runtime/nimbus/operations.js';
import { Client } from '../client.js';
import { clusterOption, type ClusterOptions } from '../cluster-folder.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { setOption } from '../parameters.js';
import { stdoutForResult } from '../stdout.js';
import { sendable } from '../submission-source.js';
import { waitUntil } from '../waiting.js';

interface UpgradeOptions extends ClusterOptions {
  readonly set?: string[];
  readonly dryRun?: true;
  readonly json?: true;
}

export const upgradeCommand = (): Command =>
  new Command('upgrade')
    .description(
      'Check a new artefact of a topology, start it, and drain the old one into it. When it fails at once, the old one stays.',
    )
    .argument('<topology>', 'its name: see "squall list"')
    .argument('<file>', 'a name (see "squall catalog") or the path of a file')
    .addOption(setOption())
    .option('--dry-run', 'say what would change, and do nothing')
    .addOption(clusterOption())
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ squall upgrade web ./web.ts --dry-run\n\nGive all of its parameters with --set: those of before do not stay. It ends when the new one has run for half a minute.',
    )
    .action(upgrade);

async function upgrade(name: string, file: string, options: UpgradeOptions): Promise<void> {
  const { set, dryRun = false, json } = options;
  const print = stdoutForResult(true);
  const { name: _, ...checked } = await sendable(file, set);
  const client = await Client.of(options);
  const result = await client.upgrade(name, { ...checked, dryRun });
  if (!dryRun) await upgraded(client, name);
  print(`${json ? JSON.stringify(result) : linesOf(result).join('\n')}\n`);
}

/** @throws CommandError when the old one stays */
async function upgraded(client: Client, name: string): Promise<void> {
  const { takenBack } = await waitUntil(client, name, (_, { onTrial }) => !onTrial);
  if (takenBack !== null)
    throw new CommandError(
      `${name} runs as before: the upgrade was taken back, as ${takenBack}`,
      EXIT.failed,
    );
}

const linesOf = ({ dryRun, fromHash, toHash, changes }: UpgradeResult): string[] => [
  `plan ${fromHash.slice(0, 16)} ${dryRun ? 'would become' : 'became'} ${toHash.slice(0, 16)}`,
  ...(changes.length === 0 ? ['  nothing else changes'] : changes.map((each) => `  ${each}`)),
];
