/**
 * The installation of Squall that runs: a user's topology is checked against and linked with this one,
 * wherever the topology lies and whatever is installed there, so that it and the worker share one instance.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Installation {
  /** The folder of its package.json. */
  readonly root: string;
  /** What can be imported, by specifier, e.g. `squall/testing`: absolute paths. */
  readonly modules: ReadonlyMap<string, { readonly types: string; readonly code: string }>;
}

const NAME = 'squall';

/** The installation that this file belongs to, built or not; or the one in another folder. */
export function installation(
  root = rootAbove(dirname(fileURLToPath(import.meta.url))),
): Installation {
  const { exports }: PackageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const modules = Object.entries(exports).flatMap(([subpath, target]) =>
    typeof target === 'string'
      ? []
      : [
          [
            NAME + subpath.slice(1),
            { types: join(root, target.types), code: join(root, target.default) },
          ] as const,
        ],
  );
  return { root, modules: new Map(modules) };
}

/** The folder of a package that the file `from` can import. */
export function packageFolder(name: string, from: string): string | undefined {
  try {
    return dirname(createRequire(from).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

interface PackageJson {
  readonly name?: string;
  readonly exports: {
    readonly [subpath: string]: string | { readonly types: string; readonly default: string };
  };
}

function rootAbove(folder: string): string {
  if (nameOf(folder) === NAME) return folder;
  const above = dirname(folder);
  if (above === folder)
    throw new Error(
      'This copy of Squall has no package.json of its own above its files; install it as a package.',
    );
  return rootAbove(above);
}

function nameOf(folder: string): string | undefined {
  try {
    const { name }: PackageJson = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return name;
  } catch {
    return undefined;
  }
}
