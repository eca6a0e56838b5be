/**
 * Makes one file, ready to import, of a topology's source: its relative imports are bundled (esbuild),
 * packages stay where they are, and Squall is the one that runs.
 *
 * @module
 */
import { build, type BuildFailure, type Message } from 'esbuild';
import { createHash } from 'node:crypto';
import { access, constants } from 'node:fs/promises';
import { dirname, extname, join, resolve } from 'node:path';
import { writeAtomically } from '../state/atomic-file.js';
import { makeFolder } from '../state/folder.js';
import { ArtefactError } from './artefact-error.js';
import { importMeta, links } from './esbuild-plugins.js';
import { installation as thisInstallation, type Installation } from './installation.js';
import { showProblem } from './problem.js';

/** A topology as one file. */
export interface Artefact {
  /** `<outDir>/<hash>.mjs` */
  readonly path: string;
  /** The first 16 hex digits of the SHA-256 of its content. */
  readonly hash: string;
  /** The file it was made of, absolute. */
  readonly source: string;
}

export interface CompileOptions {
  /** Where artefacts go; made when missing. */
  readonly outDir: string;
  /** By default the one that runs. */
  readonly installation?: Installation;
}

const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs'];

/**
 * Compiles the file a user named. Types are not checked: see `checkTypes`.
 *
 * @throws ArtefactError when there is no such file or it does not compile; the message shows each place
 *
 * @example
 * const { path } = await compileTopology('web.ts', { outDir: 'state/artefacts' });
 * const topology = await loadTopology(path);
 */
export async function compileTopology(
  path: string,
  { outDir, installation = thisInstallation() }: CompileOptions,
): Promise<Artefact> {
  const source = await topologyFile(path);
  const content = await bundle(source, outDir, installation);
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 16);
  const artefact = join(resolve(outDir), `${hash}.mjs`);
  await makeFolder(outDir);
  await writeAtomically(artefact, content);
  return { path: artefact, hash, source };
}

/** The absolute path of a file that may hold a topology. @throws ArtefactError when it cannot */
export async function topologyFile(path: string): Promise<string> {
  const source = resolve(path);
  if (!EXTENSIONS.includes(extname(source))) {
    throw new ArtefactError(
      'file-kind',
      `${path} is no topology file: its name must end in ${EXTENSIONS.join(', ')}.`,
    );
  }
  await access(source, constants.R_OK).catch(() => {
    throw new ArtefactError('file-missing', `There is no file ${source}, or it cannot be read.`);
  });
  return source;
}

async function bundle(
  source: string,
  outDir: string,
  installation: Installation,
): Promise<Uint8Array> {
  try {
    const { outputFiles } = await build({
      entryPoints: [source],
      // Never written there; sources in the map are relative to it. Working in the source's folder keeps the output the same from anywhere.
      outfile: join(resolve(outDir), 'topology.mjs'),
      absWorkingDir: dirname(source),
      write: false,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      sourcemap: 'inline',
      charset: 'utf8',
      logLevel: 'silent',
      // As Node resolves packages, without the bundlers' "module".
      conditions: [],
      mainFields: ['main'],
      plugins: [links(installation), importMeta],
    });
    return outputFiles[0].contents;
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    throw new ArtefactError(
      'compile-failed',
      error.errors.map((message) => show(message, dirname(source))).join('\n\n'),
    );
  }
}

const isBuildFailure = (error: unknown): error is BuildFailure =>
  typeof error === 'object' && error !== null && 'errors' in error && Array.isArray(error.errors);

function show({ text, location }: Message, folder: string): string {
  if (location === null) return text;
  // esbuild counts columns in bytes from 0.
  const before = Buffer.from(location.lineText).toString('utf8', 0, location.column);
  const place = { line: location.line, column: before.length + 1, sourceLine: location.lineText };
  return showProblem({ message: text, file: resolve(folder, location.file), ...place });
}
