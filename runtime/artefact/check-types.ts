/**
 * Checks a topology's types with the compiler and the declarations of this installation; the user needs neither
 * TypeScript nor a tsconfig. TypeScript 7 has no API: its command is run and what it prints is read.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { ArtefactError } from './artefact-error.js';
import { topologyFile } from './compile.js';
import {
  installation as thisInstallation,
  packageFolder,
  type Installation,
} from './installation.js';
import type { Problem } from './problem.js';

/** Shown by `showProblem`. */
export interface TypeProblem extends Problem {
  /** E.g. `TS2322`. */
  readonly code: string;
}

/**
 * What the compiler finds in the file and what it imports; nothing when its types are right. Files in JavaScript are not checked.
 *
 * @throws ArtefactError when there is no such file, or when the compiler could not do its work
 *
 * @example
 * for (const problem of await checkTypes('web.ts')) console.error(showProblem(problem));
 */
export async function checkTypes(
  path: string,
  installation: Installation = thisInstallation(),
): Promise<TypeProblem[]> {
  const source = await topologyFile(path);
  const folder = await mkdtemp(join(tmpdir(), 'squall-types-'));
  try {
    const config = join(folder, 'tsconfig.json');
    await writeFile(config, JSON.stringify(tsconfig(source, installation)));
    const { output, failed } = await tsc(installation, config, dirname(source));
    const problems = await problemsIn(output, dirname(source));
    if (failed && problems.length === 0)
      throw new ArtefactError(
        'types-unchecked',
        `The types of ${source} cannot be checked: ${output.trim()}`,
      );
    return problems;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function tsconfig(source: string, { root, modules }: Installation): object {
  const node =
    packageFolder('@types/node', source) ??
    packageFolder('@types/node', join(root, 'package.json'));
  return {
    files: [source],
    compilerOptions: {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      allowJs: true,
      allowImportingTsExtensions: true,
      resolveJsonModule: true,
      // What esbuild does with it: each file by itself, always an ES module, whatever package.json says or is missing.
      isolatedModules: true,
      target: 'es2023',
      lib: ['es2023'],
      module: 'esnext',
      moduleResolution: 'bundler',
      moduleDetection: 'force',
      ...(node === undefined ? { types: [] } : { types: ['node'], typeRoots: [dirname(node)] }),
      paths: {
        ...Object.fromEntries([...modules].map(([specifier, { types }]) => [specifier, [types]])),
        ...sharedPaths(root),
      },
    },
  };
}

/** Packages whose types are part of Squall's interface, and where in them the types lie: `exports` says nothing to `paths`. */
const SHARED = [
  ['zod', ''],
  ['rxjs', '/dist/types'],
] as const;

function sharedPaths(root: string): { readonly [specifier: string]: readonly string[] } {
  const paths = SHARED.flatMap(([name, types]) => {
    const folder = packageFolder(name, join(root, 'package.json'));
    if (folder === undefined) return [];
    return [
      [name, [folder + types]],
      [`${name}/*`, [`${folder}${types}/*`]],
    ];
  });
  return Object.fromEntries(paths);
}

function tsc(
  { root }: Installation,
  config: string,
  cwd: string,
): Promise<{ output: string; failed: boolean }> {
  const compiler = packageFolder('typescript', join(root, 'package.json'));
  if (compiler === undefined)
    throw new ArtefactError(
      'types-unchecked',
      `TypeScript is missing beside ${root}. Run npm install there.`,
    );
  const args = [join(compiler, 'bin/tsc'), '--project', config, '--pretty', 'false'];
  return new Promise((done) => {
    execFile(process.execPath, args, { cwd, maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
      done({ output: stdout + stderr, failed: error !== null }),
    );
  });
}

/** `file(line,column): error TS1234: text`; lines that go on with the text are indented. */
const PROBLEM = /^(.+)\((\d+),(\d+)\): error (TS\d+): ((?:.*)(?:\n .*)*)/gm;

async function problemsIn(output: string, folder: string): Promise<TypeProblem[]> {
  const problems = [...output.matchAll(PROBLEM)].map(
    async ([, name, line, column, code, message]) => {
      const file = resolve(folder, name);
      const lines = (await readFile(file, 'utf8')).split(/\r?\n/);
      return {
        code,
        message,
        file,
        line: Number(line),
        column: Number(column),
        sourceLine: lines[Number(line) - 1] ?? '',
      };
    },
  );
  return Promise.all(problems);
}
