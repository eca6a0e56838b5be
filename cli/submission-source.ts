/** A topology as it is sent to a cluster: checked here first, so that a mistake is told before anything is sent. @module */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Submission } from '../runtime/nimbus/operations.js';
import { catalog } from '../topology/catalog/index.js';
import { planned } from './parameters.js';
import { findTopology } from './source.js';

export interface Sendable extends Pick<Submission, 'source' | 'parameters' | 'directory'> {
  /** The topology's own name. */
  readonly name: string;
}

/** @throws CommandError, ArtefactError, TopologyError as `squall run` does before it runs */
export async function sendable(
  nameOrFile: string,
  settings: readonly string[] | undefined,
): Promise<Sendable> {
  const folder = await mkdtemp(join(tmpdir(), 'squall-'));
  try {
    const { topology, module } = await findTopology(nameOrFile, folder);
    const { parameters } = planned(topology, settings);
    const source = Object.hasOwn(catalog, nameOrFile)
      ? { catalog: nameOrFile }
      : { artefact: await readFile(module, 'utf8') };
    return {
      name: topology.name,
      source,
      parameters: Submission.shape.parameters.parse(parameters),
      directory: process.cwd(),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}
