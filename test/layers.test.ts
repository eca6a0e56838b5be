/** Plants imports in a copy of the layers and sees which are refused, and by which rule. @module */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const REFUSED: readonly [from: string, to: string, rule: RegExp][] = [
  ['schemas/a.ts', 'topology/rows/row.ts', /^schemas may/],
  ['schemas/b.ts', 'config/load.ts', /^schemas may/],
  ['config/b.ts', 'topology/rows/row.ts', /^config may/],
  ['topology/rows/a.ts', 'topology/dsl/bolt.ts', /^topology\/rows may/],
  ['topology/dsl/a.ts', 'topology/plan/plan.ts', /^topology\/dsl may/],
  ['topology/plan/a.ts', 'bolts/parse/parse.ts', /^topology\/plan may/],
  ['topology/plan/b.ts', 'runtime/clock.ts', /^topology\/plan may/],
  ['bolts/route/a.ts', 'runtime/clock.ts', /^bolts may/],
  ['bolts/route/b.ts', 'spouts/file/file.ts', /^bolts may/],
  ['bolts/route/c.ts', 'config/load.ts', /^bolts may/],
  ['bolts/route/d.ts', 'topology/catalog/web.ts', /^bolts may/],
  ['spouts/udp/a.ts', 'bolts/parse/parse.ts', /^spouts may/],
  ['topology/catalog/a.ts', 'runtime/clock.ts', /^topology\/catalog may/],
  ['runtime/a.ts', 'bolts/parse/parse.ts', /^runtime may/],
  ['runtime/b.ts', 'spouts/file/file.ts', /^runtime may/],
  ['runtime/c.ts', 'topology/catalog/web.ts', /^runtime may/],
  ['runtime/d.ts', 'cli/main.ts', /^runtime may/],
  ['runtime/e.ts', 'index.ts', /^runtime may/],
  ['runtime/simulation/a.ts', 'bolts/parse/parse.ts', /^runtime\/simulation may/],
  ['cli/a.ts', 'test/support.ts', /^cli may/],
  ['cli/b.ts', 'bench/rows.ts', /^cli may/],
  ['bench/a.ts', 'test/support.ts', /^bench may/],
  ['dashboard/a.ts', 'runtime/clock.ts', /^dashboard may/],
  ['index.ts', 'runtime/clock.ts', /^index.ts may/],
  ['bolts/route/e.ts', 'bolts/parse/parse.ts', /do not know each other/],
  ['bolts/route.ts', 'bolts/parse/parse.ts', /do not know each other/],
  ['bolts/parse-json/a.ts', 'bolts/parse/parse.ts', /do not know each other/],
  ['bolts/sink/avro-files/a.ts', 'bolts/sink/json-lines/json.ts', /do not know each other/],
  ['bolts/sink/avro-files/b.ts', 'bolts/parse/parse.ts', /do not know each other/],
  ['spouts/udp/b.ts', 'spouts/file/file.ts', /do not know each other/],
  ['bolts/route/f.ts', 'bolts/sink/files/rolling.ts', /for sinks/],
  ['bolts/route/g.ts', 'topology/rows/reveal.ts', /seal/],
  ['bolts/sink/avro-files/c.ts', 'topology/rows/reveal.ts', /seal/],
  ['spouts/udp/c.ts', 'topology/rows/reveal.ts', /seal/],
  ['topology/catalog/b.ts', 'topology/rows/reveal.ts', /seal/],
  ['cli/c.ts', 'topology/rows/reveal.ts', /seal/],
  ['cli/d.ts', 'topology/reveal.ts', /seal/],
  ['topology/rows/circle.ts', 'topology/rows/round.ts', /cycles/],
  ['runtime/f.ts', 'fast-check', /devDependency/],
  ['runtime/g.ts', 'no-such-package', /resolve/],
  ['topology/catalog/c.ts', 'dist/index.js', /built/],
  ['runtime/h.ts', './nowhere.js', /resolve/],
];

const ALLOWED: readonly [from: string, to: string][] = [
  ['schemas/ok.ts', 'topology/rows/field.ts'],
  ['config/ok.ts', 'schemas/avro.ts'],
  ['topology/plan/ok.ts', 'topology/dsl/bolt.ts'],
  ['bolts/anonymize/ok.ts', 'topology/rows/reveal.ts'],
  ['bolts/sink/avro-files/ok.ts', 'bolts/sink/files/rolling.ts'],
  ['bolts/parse/ok.ts', 'bolts/parse/parse.ts'],
  ['topology/catalog/ok.ts', 'bolts/parse/parse.ts'],
  ['topology/reveal.ts', 'topology/rows/reveal.ts'],
  ['runtime/ok.ts', 'topology/rows/reveal.ts'],
  ['runtime/zod.ts', 'zod'],
  ['cli/ok.ts', 'topology/catalog/web.ts'],
  ['dashboard/ok.ts', 'runtime/nimbus/status.ts'],
  ['dashboard/dev.ts', 'fast-check'],
  ['bench/ok.ts', 'index.ts'],
  ['test/ok.ts', 'topology/rows/reveal.ts'],
  ['test/dev.ts', 'fast-check'],
];

const root = process.cwd();
const tree = mkdtempSync(join(tmpdir(), 'layers-'));
let refusals: readonly { from: string; to: string; rule: { name: string } }[];

beforeAll(() => {
  for (const file of [
    '.dependency-cruiser.cjs',
    '.oxlintrc.json',
    'tsconfig.json',
    'package.json',
  ]) {
    cpSync(join(root, file), join(tree, file));
  }
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
  for (const [from, to] of [...REFUSED, ...ALLOWED])
    plant(from, `import type {} from '${specifier(from, to)}';\n`);
  plant('topology/rows/round.ts', `import type {} from './circle.js';\n`);
  plant('bolts/route/dynamic.ts', `await import('../../topology/rows/pii.js');\n`);
  plant('topology/rows/pii.ts', 'export const piiBase = 1, PII = 2;\n');
  refusals = JSON.parse(run('depcruise', '--config', '.dependency-cruiser.cjs', '-T', 'json', '.'))
    .summary.violations;
});

afterAll(() => rmSync(tree, { recursive: true }));

test.each(REFUSED)('%s may not import %s', (from, to, rule) => {
  expect(rulesAgainst(from, to)).toContainEqual(expect.stringMatching(rule));
});

test.each(ALLOWED)('%s may import %s', (from, to) => {
  expect(rulesAgainst(from, to)).toEqual([]);
});

test('sealed values are not opened round a dynamic import', () => {
  expect(rulesAgainst('bolts/route/dynamic.ts', 'topology/rows/pii.ts')).toContainEqual(
    expect.stringMatching(/seal/),
  );
});

test('every folder and file that a rule names is there', () => {
  const { forbidden } = createRequire(import.meta.url)(join(root, '.dependency-cruiser.cjs')) as {
    forbidden: object[];
  };
  const patterns = JSON.stringify(forbidden).replaceAll('\\\\', '');
  const places = [...patterns.matchAll(/"\^([\w/.-]+)\$?"/g)].map(([, place]) => place!);
  expect(new Set(places).size).toBeGreaterThan(15);
  // What is built, and a folder that may have no code yet.
  const absent = new Set(places.filter((place) => !existsSync(join(root, place))));
  expect([...absent].filter((place) => place !== 'dist/' && place !== 'config/')).toEqual([]);
});

describe('of what the linter sees to', () => {
  const PLANTED = {
    'bolts/route/opens.ts': `import { piiBase } from '../../topology/rows/pii.js';\nvoid piiBase;\n`,
    'bolts/route/opens-all.ts': `import * as pii from '../../topology/rows/pii.js';\nvoid pii;\n`,
    'bolts/route/passes-on.ts': `export { piiBase } from '../../topology/rows/pii.js';\n`,
    'schemas/value.ts': `import { piiBase } from '../topology/rows/field.js';\nvoid piiBase;\n`,
    'dashboard/server.tsx': `import type {} from '../runtime/nimbus/nimbus.js';\n`,
    'dashboard/list/value.tsx': `import { Limit } from '../../runtime/nimbus/status.js';\nvoid Limit;\n`,
    'runtime/floating.ts': `const work = async () => {};\nwork();\n`,
  };
  const FINE = {
    'bolts/route/names.ts': `import { PII } from '../../topology/rows/pii.js';\nvoid PII;\n`,
    'dashboard/list/types.tsx': `import type { Limit } from '../../runtime/nimbus/status.js';\nexport type A = Limit;\n`,
    'topology/rows/opens.ts': `import { piiBase } from './pii.js';\nvoid piiBase;\n`,
    'schemas/types.ts': `import type { piiBase } from '../topology/rows/field.js';\nexport type A = typeof piiBase;\n`,
  };
  let found: string[];

  beforeAll(() => {
    for (const [path, text] of Object.entries({ ...PLANTED, ...FINE })) plant(path, text);
    const { diagnostics } = JSON.parse(
      run(
        'oxlint',
        '--type-aware',
        '-f',
        'json',
        'bolts',
        'schemas',
        'topology',
        'runtime',
        'dashboard',
      ),
    ) as { diagnostics: { filename: string; code: string }[] };
    found = diagnostics
      .filter(({ code }) => /restricted-imports|floating/.test(code))
      .map(({ filename }) => filename);
  });

  test.each(Object.keys(PLANTED))('%s is refused', (path) => expect(found).toContain(path));
  test.each(Object.keys(FINE))('%s is fine', (path) => expect(found).not.toContain(path));
});

function plant(path: string, text: string): void {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  writeFileSync(join(tree, path), text, { flag: 'a' });
}

/** How `from` names `to`; a file of ours is made if it is not there. */
function specifier(from: string, to: string): string {
  if (!/\w\.[tj]s$/.test(to) || to.startsWith('.')) return to;
  plant(to, 'export {};\n');
  const path = relative(dirname(from), to).replace(/\.ts$/, '.js');
  return path.startsWith('.') ? path : `./${path}`;
}

function rulesAgainst(from: string, to: string): string[] {
  const isTo = (path: string): boolean => path === to || path.includes(`node_modules/${to}/`);
  return refusals
    .filter((each) => each.from === from && isTo(each.to))
    .map(({ rule }) => rule.name);
}

/** Runs a tool of `node_modules` in the planted tree; what it finds is no failure. */
function run(tool: string, ...args: string[]): string {
  const { stdout, stderr } = spawnSync(resolve(root, 'node_modules/.bin', tool), args, {
    cwd: tree,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (stdout === '') throw new Error(stderr);
  return stdout;
}
