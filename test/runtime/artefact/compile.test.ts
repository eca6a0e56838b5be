import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ArtefactError } from '../../../runtime/artefact/artefact-error.js';
import { compileTopology, type Artefact } from '../../../runtime/artefact/compile.js';
import type { Installation } from '../../../runtime/artefact/installation.js';
import { loadTopology } from '../../../runtime/artefact/load.js';
import { temporaryFolder } from '../state/faults.js';
import { fakeInstallation, GOOD } from './fake-installation.js';

let base: string;
let folder: string;
let squall: Installation;
let count = 0;

beforeAll(async () => {
  base = await temporaryFolder();
  squall = await fakeInstallation(join(base, 'installation'));
});

beforeEach(async () => {
  folder = join(base, `user ${count++}`);
  await mkdir(folder);
});

afterAll(() => rm(base, { recursive: true }));

async function write(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text);
  return path;
}

const compile = (path: string): Promise<Artefact> =>
  compileTopology(path, { outDir: join(folder, 'out'), installation: squall });

/** Runs an artefact in a process of its own, as a worker would; what it prints. */
const runs = ({ path }: Artefact): string =>
  execFileSync(process.execPath, ['--enable-source-maps', path], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();

async function failure(work: Promise<unknown>): Promise<ArtefactError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ArtefactError)) throw new Error(`no ArtefactError: ${String(error)}`);
  return error;
}

test('a file outside the project becomes one file that links this installation, and loads', async () => {
  const artefact = await compile(await write('hello.ts', GOOD));
  const code = await readFile(artefact.path, 'utf8');
  expect(code).toContain(`from "${pathToFileURL(join(squall.root, 'dist/index.js')).href}"`);
  expect(artefact).toEqual({
    path: join(folder, 'out', `${artefact.hash}.mjs`),
    hash: expect.stringMatching(/^[0-9a-f]{16}$/),
    source: join(folder, 'hello.ts'),
  });
  expect(runs(artefact)).toBe('');
  const topology = await loadTopology(artefact.path);
  expect([topology.name, typeof topology.wire]).toEqual(['hello', 'function']);
});

test('the name changes with the content, and with nothing else', async () => {
  const path = await write('hello.ts', GOOD);
  const first = await compile(path);
  const cwd = process.cwd();
  process.chdir(base);
  try {
    expect(await compile(relative(base, path))).toEqual(first);
  } finally {
    process.chdir(cwd);
  }
  await write('hello.ts', GOOD.replace('hello', 'hallo'));
  expect((await compile(path)).hash).not.toBe(first.hash);
});

test("relative imports are bundled, so that the artefact needs none of the user's files", async () => {
  await write('lib/deep.ts', `export const word: string = 'bundled';`);
  await write('lib/data.json', `{ "n": 7 }`);
  await write(
    'lib/middle.mts',
    `import data from './data.json'; export { word } from './deep'; export const n: number = data.n;`,
  );
  const artefact = await compile(
    await write(
      'a.ts',
      `import { n, word } from './lib/middle.mjs';\nimport { sep } from 'node:path';\nimport fs from 'fs';\nconsole.log(word, n, sep, typeof fs.readFile);`,
    ),
  );
  await rm(join(folder, 'lib'), { recursive: true });
  expect(runs(artefact)).toBe('bundled 7 / function');
});

test('packages stay where they are; zod is that of the installation', async () => {
  await write(
    'node_modules/pkg/package.json',
    `{ "name": "pkg", "exports": { "import": "./esm.mjs", "require": "./cjs.cjs", "module": "./wrong.mjs" } }`,
  );
  await write('node_modules/pkg/esm.mjs', `export const from = import.meta.url;`);
  await write('node_modules/zod/package.json', `{ "name": "zod", "main": "./wrong.cjs" }`);
  await write('node_modules/zod/wrong.cjs', `throw new Error('the wrong zod');`);
  const artefact = await compile(
    await write(
      'a.ts',
      `import { from } from 'pkg';\nimport { z } from 'zod';\nconsole.log(from, z.string().parse('x'));`,
    ),
  );
  expect(runs(artefact)).toBe(`${pathToFileURL(join(folder, 'node_modules/pkg/esm.mjs')).href} x`);
});

test("an alias of the user's tsconfig is source, and bundled", async () => {
  await write('tsconfig.json', `{ "compilerOptions": { "paths": { "@lib/*": ["./lib/*"] } } }`);
  await write('lib/a.ts', `export const word: string = 'aliased';`);
  expect(
    runs(await compile(await write('a.ts', `import { word } from '@lib/a'; console.log(word);`))),
  ).toBe('aliased');
});

test('import.meta means the source, in each file', async () => {
  await write('lib/b.ts', `export const b: string = import.meta.url;`);
  const path = await write(
    'a.ts',
    `import { b } from './lib/b';\nconsole.log([import.meta.url, import.meta.dirname, b].join());`,
  );
  const expected = [pathToFileURL(path).href, folder, pathToFileURL(join(folder, 'lib/b.ts')).href];
  expect(runs(await compile(path))).toBe(expected.join());
});

test.each([
  ['plain', ''],
  ['with import.meta', 'import.meta.url;'],
])('a stack trace shows the line of the source: %s', async (_, more) => {
  const path = await write(
    'a.ts',
    `interface Gone {\n  n: number;\n}\n${more}\nconst f = (): Gone => {\n  throw new Error('here');\n};\nf();\n`,
  );
  const artefact = await compile(path);
  expect(() => runs(artefact)).toThrow(`${path}:6`);
});

test('a syntax error shows its place, the line and a caret', async () => {
  const path = await write('a.ts', `export const ok = 1;\n\tconst ä = 1 x;\n`);
  const { code, message } = await failure(compile(path));
  expect(code).toBe('compile-failed');
  expect(message).toBe(
    `${path}:2:14: Expected ";" but found "x"\n  2 | \tconst ä = 1 x;\n    | \t            ^`,
  );
});

test('a syntax error beside import.meta does, too', async () => {
  const path = await write('a.ts', `console.log(import.meta.url);\nconst a = ;\n`);
  expect((await failure(compile(path))).message).toContain(`${path}:2:11: Unexpected ";"`);
});

test('a missing import names what imports it; several are shown together', async () => {
  const path = await write(
    'a.ts',
    `import './nope';\nimport { x } from 'no-such-package';\nimport { y } from 'squall/nope';\nconsole.log(x, y);`,
  );
  const { message } = await failure(compile(path));
  expect(message).toContain(
    `${path}:1:8: Could not resolve "./nope"\n  1 | import './nope';\n    |        ^`,
  );
  expect(message).toContain(
    `${path}:2:19: Cannot find "no-such-package" from ${folder}. Install it there.`,
  );
  expect(message).toContain(
    `${path}:3:19: Squall has no module "squall/nope". Import one of: squall.`,
  );
});

test('what is no file, or no topology file, is refused', async () => {
  expect(await failure(compile(join(folder, 'nope.ts')))).toMatchObject({
    code: 'file-missing',
    message: `There is no file ${join(folder, 'nope.ts')}, or it cannot be read.`,
  });
  expect(await failure(compile(await write('web.yaml', '')))).toMatchObject({ code: 'file-kind' });
});

test.each([
  ['no default export', `export const a = 1;`, 'The topology file has no default export.'],
  [
    'a default export that is none',
    `export default { name: 'a' };`,
    'The default export of the topology file is no topology.',
  ],
  [
    'a topology under another name',
    GOOD.replace('default', 'const web ='),
    'exports its topology as "web", not as default.',
  ],
])('%s is an error with an example', async (_, source, said) => {
  const { path } = await compile(await write('a.ts', source));
  const { code, message } = await failure(loadTopology(path));
  expect(code).toBe('no-topology');
  expect(message).toContain(said);
  expect(message).toContain(`export default topology('hello', (t) => {`);
});

test('a file that throws when it is loaded says so', async () => {
  const { path } = await compile(await write('a.ts', `throw new Error('no database');`));
  expect(await failure(loadTopology(path))).toMatchObject({
    code: 'load-failed',
    message: 'The topology file threw while it was loaded: no database',
  });
});
