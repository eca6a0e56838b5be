import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtefactError } from '../../../runtime/artefact/artefact-error.js';
import { checkTypes, type TypeProblem } from '../../../runtime/artefact/check-types.js';
import type { Installation } from '../../../runtime/artefact/installation.js';
import { showProblem } from '../../../runtime/artefact/problem.js';
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
  folder = join(base, `user (${count++})`);
  await mkdir(folder);
});

afterAll(() => rm(base, { recursive: true }));

async function check(text: string, name = 'web.ts'): Promise<TypeProblem[]> {
  await writeFile(join(folder, name), text);
  return checkTypes(join(folder, name), squall);
}

test('a right topology has no problems, outside the project and without a tsconfig', async () => {
  expect(await check(GOOD)).toEqual([]);
});

test('top-level await, import.meta, Node and zod are known', async () => {
  expect(
    await check(
      `import { z } from 'zod';\nimport { sep } from 'node:path';\nawait Promise.resolve(import.meta.url);\nconsole.log(sep, z.object({}), process.pid);\n`,
    ),
  ).toEqual([]);
});

test('parameters have the types of their schema', async () => {
  const source = `import { topology } from 'squall';\nimport { z } from 'zod';\nexport default topology('a', { params: z.object({ n: z.number() }) }, (t, { n }) => { const m: string = n; t; m; });\n`;
  expect(await check(source)).toMatchObject([
    { code: 'TS2322', line: 3, message: `Type 'number' is not assignable to type 'string'.` },
  ]);
});

test('a personal field on its way into a sink is a problem with its place and its line', async () => {
  const leak = GOOD.replace('int, schema', 'pii, schema')
    .replace('n: int()', `n: pii('ip')`)
    .replace('spout<{ n: number }>', 'spout');
  const problems = await check(leak);
  expect(problems).toHaveLength(1);
  const [{ file, line, column, sourceLine, message }] = problems;
  expect({ file, line, sourceLine }).toEqual({
    file: join(folder, 'web.ts'),
    line: 6,
    sourceLine: leak.split('\n')[5],
  });
  expect(sourceLine.slice(column - 1)).toMatch(/^from/);
  expect(message.split('\n').length).toBeGreaterThan(1);
  expect(message).toContain(`Pii<"ip">`);
});

test('problems in what the file imports are named by that file', async () => {
  await writeFile(join(folder, 'lib.ts'), `export const n: number = 'x';\n`);
  const problems = await check(`import { n } from './lib.js';\nconst s: string = n;\n`);
  expect(new Set(problems.map(({ file, code }) => `${code} ${file}`))).toEqual(
    new Set(['lib.ts', 'web.ts'].map((name) => `TS2322 ${join(folder, name)}`)),
  );
  expect(showProblem(problems.find(({ file }) => file.endsWith('lib.ts'))!)).toBe(
    `${join(folder, 'lib.ts')}:1:14: Type 'string' is not assignable to type 'number'.\n  1 | export const n: number = 'x';\n    |              ^`,
  );
});

test('JavaScript is not checked', async () => {
  expect(await check(`/** @type {number} */ export const n = 'x';`, 'web.mjs')).toEqual([]);
});

test('a file that is not there is an error', async () => {
  await expect(checkTypes(join(folder, 'nope.ts'), squall)).rejects.toBeInstanceOf(ArtefactError);
});

test('an installation without its compiler says so', async () => {
  await writeFile(join(folder, 'web.ts'), GOOD);
  await expect(checkTypes(join(folder, 'web.ts'), { ...squall, root: folder })).rejects.toThrow(
    `TypeScript is missing beside ${folder}`,
  );
});
