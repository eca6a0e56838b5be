/** The TypeScript of the README and the guide: each page is one program. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from '@jest/globals';
import { pages, programOf } from './markdown.js';
import { importsFor, mistakesIn, MODULES, root, type Mistake } from './typescript.js';

const programs = new Map(
  pages()
    .map((page): [string, string] => [page.replaceAll(/\W/g, '-'), programOf(page)])
    .filter(([, program]) => program.trim() !== '')
    // On the first line, which is a heading: lines stay where they are.
    .map(([name, program]): [string, string] => [name, importsFor(program) + program]),
);

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
  const folder = mkdtempSync(join(tmpdir(), 'squall-docs-'));
  try {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const path = join(folder, 'page.mjs');
    await build({
      stdin: { contents: programs.get('docs-guide-testing-md')!, loader: 'ts', resolveDir: folder },
      outfile: path,
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      alias: Object.fromEntries([...MODULES].map(([name, file]) => [name, join(root, file)])),
    });
    const { stderr, status } = spawnSync(process.execPath, [path], { encoding: 'utf8' });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);

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
