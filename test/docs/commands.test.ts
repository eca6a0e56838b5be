/** What the README and the guide say of the built CLI. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { blockWith, pages, read } from './markdown.js';
import { root } from './typescript.js';

const CLI = join(root, 'dist/cli/main.js');
const folder = mkdtempSync(join(tmpdir(), 'squall-readme-'));

beforeAll(() => {
  if (!existsSync(CLI)) throw new Error('There is no built CLI: npm run build');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the topology of the README', () => {
  let ran: ReturnType<typeof shell>;

  beforeAll(() => {
    writeFileSync(join(folder, 'my-topology.ts'), blockWith('README.md', 'ts', 'topology('));
    shell(blockWith('README.md', 'sh', 'cat > hits.log'));
    ran = shell(blockWith('README.md', 'sh', 'npx squall run my-topology.ts'));
  }, 60_000);

  test('prints what the README shows, and ends with the exit code that it says', () => {
    const shown = blockWith('README.md', 'text', 'hits completed').trimEnd().split('\n');
    const rows = shown.filter((line) => line.startsWith('{'));
    expect(ran.stdout.trimEnd().split('\n')).toEqual(rows);
    const others = shown.filter((line) => !line.startsWith('{')).map(timeless);
    expect(ran.stderr.split('\n').map(timeless)).toEqual(expect.arrayContaining(others));
    expect(`the exit code is ${ran.status}`).toBe(
      /the exit code is \d/.exec(read('README.md'))?.[0],
    );
  });

  test('leaves a dead letter that the commands of the guide list, show, try again and keep', () => {
    const lines = blockWith('docs/guide/dead-letters.md', 'sh', 'dlq list').trimEnd().split('\n');
    const [list, show, replay, drop] = lines.map(shell);
    expect(list!.stdout).toMatch(/^1 dead letters in .*\n +1× rejected\(parse, /);
    expect(show!.stdout).toMatch(/^message +\d+ bytes, ASCII/m);
    expect([replay!.status, replay!.stdout]).toEqual([3, '']);
    expect(drop!.stdout).toBe('0 dead letters dropped from .squall/hits\n');
  }, 60_000);

  test('is refused without its lineage, as the README says', () => {
    const text = blockWith('README.md', 'ts', 'topology(').replace(/^ *lineage:.*\n/m, '');
    writeFileSync(join(folder, 'silent.ts'), text);
    const { stderr, status } = shell('npx squall validate silent.ts');
    expect(stderr).toContain('Raw personal data (ip) would reach the sink "print"');
    expect(status).toBe(2);
  }, 60_000);
});

test('every command that is named is one', () => {
  const [, help] = shell('npx squall --help').stdout.split('Commands:');
  const commands = [...help!.matchAll(/^ {2}(?!help)(\w+) /gm)];
  const named = pages().flatMap((page) => [...read(page).matchAll(/(?:npx |`)squall ([a-z]+)/g)]);
  expect(commands.length).toBeGreaterThan(4);
  expect(new Set(commands.map(([, name]) => name))).toEqual(new Set(named.map(([, name]) => name)));
});

test('the guide lists the options of run, all of them and no others', () => {
  const listed = read('docs/guide/running.md').matchAll(/^\| `(--[a-z-]+)/gm);
  const options = shell('npx squall run --help').stdout.matchAll(/^ {2}(--[a-z-]+)/gm);
  expect([...listed].map(([, name]) => name).sort()).toEqual(
    [...options].map(([, name]) => name).sort(),
  );
});

test('the guide shows the placement as --explain prints it', () => {
  const shown = blockWith('docs/guide/running.md', 'text', 'fused').trimEnd().split('\n');
  const { stdout } = shell('npx squall run canonicalize --workers 2 --explain');
  expect(stdout.split('\n')).toEqual(expect.arrayContaining(shown));
});

/** Runs what a page says to type, in a folder of its own, with the CLI of this clone. */
function shell(script: string): { stdout: string; stderr: string; status: number | null } {
  const command = script.replaceAll('npx squall', `'${process.execPath}' '${CLI}'`);
  const { stdout, stderr, status } = spawnSync('sh', ['-c', command], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { stdout, stderr, status };
}

/** Durations and rates differ from run to run. */
const timeless = (line: string): string =>
  line.replaceAll(/[\d.]+ s\b/g, 'T').replaceAll(/[\d,]+\/s/g, 'R');
