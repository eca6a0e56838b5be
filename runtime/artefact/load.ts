/** Imports an artefact and finds the topology in it. @module */
import { pathToFileURL } from 'node:url';
import type { Topology } from '../../topology/dsl/topology.js';
import { ArtefactError } from './artefact-error.js';

/** @throws ArtefactError when it cannot be imported, or its default export is no topology */
export async function loadTopology(artefactPath: string): Promise<Topology> {
  const exported = await imported(artefactPath);
  if (isTopology(exported['default'])) return exported['default'];
  throw new ArtefactError(
    'no-topology',
    `${whatIsThere(exported)} Export the topology as default, e.g.\n\n${EXAMPLE}`,
  );
}

const EXAMPLE = `  import { topology } from 'squall';

  export default topology('hello', (t) => {
    // t.spout(…), t.bolt(…), t.sink(…)
  });`;

async function imported(path: string): Promise<{ readonly [name: string]: unknown }> {
  try {
    return await unlessStuck(import(pathToFileURL(path).href));
  } catch (error) {
    if (error instanceof ArtefactError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new ArtefactError(
      'load-failed',
      `The topology file threw while it was loaded: ${message}`,
      { cause: error },
    );
  }
}

/** Nothing is left to do for this process, and still the import has not ended: Node would exit without a word. */
async function unlessStuck<T>(importing: Promise<T>): Promise<T> {
  let stuck = (): void => {};
  const never = new Promise<never>((_, reject) => {
    stuck = () =>
      reject(
        new ArtefactError(
          'load-failed',
          'The topology file cannot be loaded: its top-level await never ends. Await only what settles.',
        ),
      );
  });
  process.once('beforeExit', stuck);
  return Promise.race([importing, never]).finally(() => process.off('beforeExit', stuck));
}

const isTopology = (value: unknown): value is Topology =>
  typeof value === 'object' &&
  value !== null &&
  'name' in value &&
  typeof value.name === 'string' &&
  'wire' in value &&
  typeof value.wire === 'function';

function whatIsThere(exported: { readonly [name: string]: unknown }): string {
  const named = Object.keys(exported).find((name) => isTopology(exported[name]));
  if (named !== undefined)
    return `The topology file exports its topology as "${named}", not as default.`;
  return 'default' in exported
    ? 'The default export of the topology file is no topology.'
    : 'The topology file has no default export.';
}
