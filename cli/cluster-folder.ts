/** Where the cluster is that a command speaks to: what nimbus has noted in its folder. @module */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Option } from 'commander';
import { z } from 'zod';
import { readTokenAt } from '../runtime/nimbus/token.js';
import { isAlive, processOf } from '../runtime/state/process-id.js';
import { whenMissing } from '../runtime/state/system-error.js';
import { CommandError, EXIT } from './exit-codes.js';

export interface ClusterOptions {
  /** The folder. */
  readonly cluster: string;
}

export interface Address {
  /** Without a slash at the end. */
  readonly url: string;
  readonly token: string;
}

export const clusterOption = (): Option =>
  new Option('--cluster <dir>', 'the folder of the cluster')
    .env('SQUALL_CLUSTER')
    .default('.squall/cluster');

/** @throws CommandError when no nimbus has this folder now */
export async function addressIn(folder: string): Promise<Address> {
  const path = join(folder, 'nimbus.json');
  const text = await readFile(path, 'utf8').catch(whenMissing(undefined));
  if (text === undefined)
    throw unreachable(`in ${folder}`, 'or give its folder with --cluster or SQUALL_CLUSTER');
  const { url, pid } = noted(path, text);
  // Whoever listens there when it is dead must not be shown the token.
  if (!isAlive(processOf(pid))) throw unreachable(`at ${url}`);
  const token = await readTokenAt(join(folder, 'token'));
  if (token === undefined) throw new CommandError(`There is no token in ${folder}.`, EXIT.failed);
  return { url, token };
}

export const unreachable = (where: string, next?: string): CommandError =>
  new CommandError(
    `nimbus unreachable ${where} (is \`squall cluster start\` running?${next === undefined ? '' : ` If so, start this command where it runs, ${next}.`})`,
    EXIT.unreachable,
  );

const Noted = z.object({ url: z.url({ protocol: /^http$/ }), pid: z.int().positive() });

function noted(path: string, text: string): z.infer<typeof Noted> {
  try {
    return Noted.parse(JSON.parse(text));
  } catch {
    throw new CommandError(`${path} does not say where nimbus is. Start the cluster again.`);
  }
}
