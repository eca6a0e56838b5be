/** The TypeScript of the README and the guide: each page is one program. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, expect, test } from '@jest/globals';
import { pages, programOf } from './markdown.js';
import { importsFor, mistakesIn, MODULES, root, type Mistake } from './typescript.js';

const programs = new Map(
  pages()
    .map((page): [string, string] => [page.replaceAll(/\W/g, '-'), programOf(page)])
    .filter(([, program]) => program.trim() !== '')
    // On the first line, which is a heading: lines stay where they are.
    .map(([name, program]): [string, string] => [name, importsFor(program) + program]),
);

const folder = mkdtempSync(join(tmpdir(), 'squall-docs-'));
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the compiler must say of the line of code above. */
const SAYS = /^ *\/\/ error: (.*)$/;

test('every page compiles, but for the mistakes that it shows, and these say what is shown', async () => {
  const found = await mistakesIn(programs);
  const shown = [...programs].flatMap(([name, program]) => mistakesShown(name, program));
  expect(shown.length).toBeGreaterThan(4);
  const unlike = (a: readonly Mistake[], b: readonly Mistake[]): Mistake[] =>
    a.filter(({ program, line }) => !b.some((one) => one.program === program && one.line === line));
  expect(unlike(found, shown)).toEqual([]);
  expect(unlike(shown, found)).toEqual([]);
  const silent = shown.filter(({ program, line, message }) => {
    const said = found.filter((one) => one.program === program && one.line === line);
    return !said.some((one) => saysInOrder(one.message, message.split('…')));
  });
  expect(silent).toEqual([]);
}, 60_000);

test('the page on testing runs, and what it asserts is so', async () => {
  const page = programs.get('docs-guide-testing-md')!;
  expect(await ran(page)).toEqual({ stdout: '', stderr: '', status: 0 });
}, 60_000);

const wired = [...programs].filter(([, program]) => /^export .*\btopology\(/m.test(program));

test.each(wired)('what %s wires is valid as it stands there', async (name, program) => {
  const pasted = join(folder, `${name}.ts`);
  writeFileSync(pasted, program);
  const validates = `
    import { build } from '${root}/topology/plan/build.ts';
    import { parametersOf } from '${root}/topology/plan/parameters.ts';
    import * as page from '${pasted}';
    for (const topology of Object.values(page)) {
      const required = parametersOf(topology).filter(({ required }) => required);
      build(topology, Object.fromEntries(required.map(({ name }) => [name, 'given'])));
      console.log('valid');
    }`;
  const count = program.match(/^export .*\btopology\(/gm)!.length;
  expect(await ran(validates)).toEqual({ stdout: 'valid\n'.repeat(count), stderr: '', status: 0 });
});

/** Bundles a program with the sources, and runs it. */
async function ran(
  contents: string,
): Promise<{ stdout: string; stderr: string; status: number | null }> {
  const path = join(folder, 'page.mjs');
  await build({
    stdin: { contents, loader: 'ts', resolveDir: folder },
    outfile: path,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    alias: Object.fromEntries([...MODULES].map(([name, file]) => [name, join(root, file)])),
  });
  const { stdout, stderr, status } = spawnSync(process.execPath, [path], { encoding: 'utf8' });
  return { stdout, stderr, status };
}

function mistakesShown(name: string, program: string): Mistake[] {
  const lines = program.split('\n');
  return lines.flatMap((text, i) => {
    const message = SAYS.exec(text)?.[1];
    return message === undefined ? [] : [{ program: name, line: i, message }];
  });
}

/** A `…` in what a page shows stands for what it leaves out. */
function saysInOrder(message: string, parts: readonly string[]): boolean {
  let at = 0;
  return parts.every((part) => (at = message.indexOf(part.trim(), at)) >= 0);
}
