/**
 * Holds the types to their promises in every compiler that users have: what is legal compiles,
 * each mistake is an error that names the field or stream, and checking time grows with the topology, not faster.
 *
 * The cases are compiled against declarations as a package would ship them.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const COMPILERS = [
  ['5.9', 'typescript-5'],
  ['6.0', 'typescript-6'],
  ['7.0', 'typescript'],
] as const;
const CASES = ['wiring.ts', 'rows.ts', 'personal.ts', 'rx.ts'];
const SUPPORT = ['components.ts', 'factories.ts'];
const DIRECTIVE = '// @ts-expect-error ';

const root = process.cwd();
const folder = mkdtempSync(join(tmpdir(), 'squall-types-'));

beforeAll(() => {
  write('package.json', '{ "type": "module" }');
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  emitDeclarations();
  for (const name of [...SUPPORT, ...CASES]) {
    write(`cases/${name}`, sourceOf(name));
    write(`mistakes/${name}`, sourceOf(name).replaceAll(DIRECTIVE, '// expected: '));
  }
  for (const nodes of [0, 100, 400]) {
    write(`chain-${nodes}/chain.ts`, chain(nodes));
    for (const name of SUPPORT) write(`chain-${nodes}/${name}`, sourceOf(name));
  }
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true }));

describe.each(COMPILERS)('TypeScript %s', (version, compiler) => {
  test('accepts every legal use, and nothing else', () => {
    expect(compile(compiler, 'cases')).toEqual({ status: 0, output: '' });
  }, 60_000);

  test('names the field or stream in the error of every mistake', () => {
    const errors = errorsIn(compile(compiler, 'mistakes').output);
    const mistakes = CASES.flatMap(mistakesIn);
    expect(mistakes.length).toBeGreaterThan(70);
    expect([...errors.keys()].sort()).toEqual(mistakes.map(({ at }) => at).sort());
    const silent = mistakes.flatMap(({ at, says }) =>
      says
        .filter((word) => !errors.get(at)!.includes(word))
        .map((word) => `${at} does not say ${word}: ${errors.get(at)}`),
    );
    expect(silent).toEqual([]);
  }, 60_000);

  test('checks four times the nodes with at most five times the work', () => {
    const [empty, hundred, fourHundred] = [0, 100, 400].map((nodes) =>
      costOf(compiler, `chain-${nodes}`),
    );
    const added = (cost: Cost): number => cost.instantiations - empty!.instantiations;
    const seconds = (fourHundred!.seconds - empty!.seconds).toFixed(2);
    process.stdout.write(
      `TypeScript ${version}: 400 nodes add ${seconds} s and ${added(fourHundred!)} instantiations\n`,
    );
    expect(added(hundred!)).toBeGreaterThan(1000);
    expect(added(fourHundred!)).toBeLessThanOrEqual(5 * added(hundred!));
  }, 120_000);
});

interface Mistake {
  /** `wiring.ts:12`, where the error must be. */
  readonly at: string;
  readonly says: readonly string[];
}

/** The lines behind a directive; what the error must mention stands behind `says:`, parted by `;`. */
function mistakesIn(name: string): Mistake[] {
  const lines = sourceOf(name).split('\n');
  return lines.flatMap((line, i) => {
    if (!line.trimStart().startsWith(DIRECTIVE)) return [];
    const says = /\/\/ says: (.+)$/.exec(lines[i + 1]!)?.[1];
    if (says === undefined)
      throw new Error(`${name}:${i + 2} does not say what its error must mention.`);
    return [{ at: `${name}:${i + 2}`, says: says.split('; ') }];
  });
}

/** Messages by `wiring.ts:12`; indented lines belong to the error above them. */
function errorsIn(output: string): Map<string, string> {
  const errors = new Map<string, string>();
  let at = '';
  for (const line of output.split('\n')) {
    const [, file, row] = /([\w.-]+)\((\d+),\d+\): error /.exec(line) ?? [];
    if (file !== undefined) at = `${file}:${row}`;
    if (line !== '') errors.set(at, `${errors.get(at) ?? ''}${line}\n`);
  }
  return errors;
}

interface Cost {
  readonly seconds: number;
  readonly instantiations: number;
}

function costOf(compiler: string, project: string): Cost {
  const { status, output } = compile(compiler, project, '--extendedDiagnostics');
  const figure = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+([\\d.]+)`, 'm').exec(output)?.[1]);
  if (status !== 0) throw new Error(output);
  return { seconds: figure('Check time'), instantiations: figure('Instantiations') };
}

/** A topology of so many nodes: filters, bolts of their own rows, counters and sinks, each of which reads the one before. */
function chain(nodes: number): string {
  const kinds = [
    (i: number) =>
      `const n${i} = t.bolt('n${i}', f.filter(c.Safe, (row) => row.status !== ${i}), { from: n${i - 1}.shuffle() }).kept;`,
    // Rows that no other node has.
    (i: number) =>
      `const n${i} = t.bolt('n${i}', bolt({ reads: c.Safe, emits: { next: extend(c.Safe, { f${i}: int() }) }, ` +
      `process: (row, emit) => emit.next.from(row, { f${i}: 1 }) }), { from: merge(n${i - 1}.shuffle(), n${i - 1}.by('host')) }).next;`,
    (i: number) =>
      `const n${i} = n${i - 1}; t.bolt('n${i}', f.countBy(c.Safe, 'country'), { from: n${i - 1}.by('country') });`,
    (i: number) =>
      `const n${i} = n${i - 1}; t.sink('n${i}', c.anything, { from: n${i - 1}.all() });`,
  ];
  return [
    `import { bolt } from '../topology/dsl/bolt.js';`,
    `import { merge, type Stream } from '../topology/dsl/stream.js';`,
    `import { topology } from '../topology/dsl/topology.js';`,
    `import { int } from '../topology/rows/field.js';`,
    `import { extend } from '../topology/rows/schema.js';`,
    `import * as c from './components.js';`,
    `import * as f from './factories.js';`,
    `export const used = [bolt, extend, f, int, merge];`,
    `export default topology('chain', (t) => {`,
    `  const { requests } = t.bolt('parse', c.parse, { from: t.spout('lines', c.lines).shuffle() });`,
    `  const { located } = t.bolt('geotag', c.geotag, { from: requests.shuffle() });`,
    `  const n0: Stream<import('../topology/rows/schema.js').RowOf<typeof c.Safe>> = t.bolt('safe', c.anonymize, { from: located.shuffle() }).safe;`,
    ...Array.from({ length: nodes }, (_, i) => `  ${kinds[i % kinds.length]!(i + 1)}`),
    `  void n${nodes};`,
    `});`,
  ].join('\n');
}

/** What a package would ship of the parts that topologies import. */
function emitDeclarations(): void {
  const options = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: root,
    outDir: folder,
  };
  const include = ['topology/dsl', 'topology/rows', 'bolts/rx'].map((part) => join(root, part));
  write(
    'declarations.json',
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: options,
      include,
      exclude: [],
    }),
  );
  run('typescript', '-p', join(folder, 'declarations.json'));
}

function compile(
  compiler: string,
  project: string,
  ...flags: string[]
): { status: number | null; output: string } {
  const compilerOptions = { rootDir: folder, typeRoots: [join(root, 'node_modules/@types')] };
  write(
    `${project}/tsconfig.json`,
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions,
      include: ['*.ts'],
      exclude: [],
    }),
  );
  return run(compiler, '-p', join(folder, project), '--pretty', 'false', ...flags);
}

function run(compiler: string, ...args: string[]): { status: number | null; output: string } {
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(root, 'node_modules', compiler, 'bin/tsc'), ...args],
    { encoding: 'utf8' },
  );
  return { status, output: stdout };
}

/** A file of this folder, importing the emitted declarations. */
const sourceOf = (name: string): string =>
  readFileSync(join(root, 'test/types', name), 'utf8').replaceAll(`'../../`, `'../`);

function write(name: string, text: string): void {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), text);
}
