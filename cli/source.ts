/** Finds the topology that a user names: one of the catalogue, or a file of their own. @module */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkTypes } from '../runtime/artefact/check-types.js';
import { compileTopology } from '../runtime/artefact/compile.js';
import { loadTopology } from '../runtime/artefact/load.js';
import { showProblem } from '../runtime/artefact/problem.js';
import { catalog } from '../topology/catalog/index.js';
import type { Topology } from '../topology/dsl/topology.js';
import { nearest } from '../topology/plan/nearest.js';
import { refuseExit } from './early-exit.js';
import { CommandError } from './exit-codes.js';
import { writingTo } from './writing-to.js';

export interface Source {
  readonly topology: Topology;
  /** What a worker imports. */
  readonly module: string;
}

/**
 * Finds it to run it.
 *
 * @param keptIn the folder whose `artefacts` keeps what a file was compiled to
 * @throws CommandError, ArtefactError when there is no such topology, or it does not compile or has type errors
 */
export async function findTopology(name: string, keptIn: string): Promise<Source> {
  const shipped = Object.hasOwn(catalog, name) ? catalog[name] : undefined;
  if (shipped !== undefined) return { module: shipped, topology: await loadTopology(shipped) };
  if (!/[./\\]/.test(name)) throw new CommandError(unknownName(name));
  // Compiled first: a syntax error is told once, by esbuild, and better.
  const { path } = await writingTo(keptIn, () =>
    compileTopology(name, { outDir: join(keptIn, 'artefacts') }),
  );
  const problems = await checkTypes(name);
  if (problems.length > 0)
    throw new CommandError(`${name} has type errors.\n\n${problems.map(showProblem).join('\n')}`);
  const allowExit = refuseExit('loaded');
  try {
    return { module: path, topology: await loadTopology(path) };
  } finally {
    allowExit();
  }
}

/** Finds it to look at it, and leaves nothing behind. */
export async function lookAt(name: string): Promise<Topology> {
  const folder = await mkdtemp(join(tmpdir(), 'squall-'));
  try {
    return (await findTopology(name, folder)).topology;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function unknownName(name: string): string {
  const names = Object.keys(catalog);
  const near = nearest(name, names);
  const hint = near === undefined ? `There are: ${names.join(', ')}.` : `Did you mean "${near}"?`;
  return `No topology of the catalogue is named "${name}". ${hint} For a file of your own give its path, e.g. ./${name}.ts`;
}
