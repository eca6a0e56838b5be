/** Runs `npm start` and sees words, exit codes and signals arrive, with a command that only tells what it got. @module */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const { commandFor } = (await import('../../scripts/start.mjs' as string)) as {
  commandFor(flags: readonly string[]): string[];
};

const RUN = [
  'run',
  'canonicalize',
  '--workers',
  '2',
  '--state',
  '.squall/demo',
  '--set',
  'out=out',
];

test('a cluster starts, and canonicalize on it at a gentle rate and without an end', () => {
  const words = commandFor(['--port', '0']);
  expect(words.slice(0, 4)).toEqual(['cluster', 'start', '--cluster', '.squall/demo-cluster']);
  expect(words).toEqual(expect.arrayContaining(['--with', 'canonicalize', 'rate=1000']));
  expect(words.slice(-2)).toEqual(['--port', '0']);
});

test.each([[['--lines', '50000']], [['--lines=50000']]])(
  '%j runs it alone, and ends it',
  (flags) => {
    expect(commandFor(flags)).toEqual([...RUN, '--set', 'lines=50000']);
  },
);

test('other flags go to squall run as they are, after the defaults, so that they win', () => {
  const flags = ['--workers', '4', '--set', 'out=a b', '--json', '--lines=1'];
  expect(commandFor(flags)).toEqual([...RUN, ...flags.slice(0, -1), '--set', 'lines=1']);
});

const COMMAND = `#!/usr/bin/env node
const words = process.argv.slice(2);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    process.stdout.write(\`got \${signal}\\n\`);
    setTimeout(() => process.exit(7), 100);
  });
}
process.stdout.write(\`started \${JSON.stringify(words)}\\n\`);
if (words.includes('--fail')) process.exit(3);
if (!words.includes('lines=1')) setInterval(() => {}, 1000);
`;
const project = mkdtempSync(join(tmpdir(), 'start-'));

beforeAll(() => {
  const files = ['package.json', 'package-lock.json', '.npmrc', 'tsconfig.json'];
  for (const file of [...files, 'tsconfig.build.json', 'scripts', 'dashboard']) {
    cpSync(file, join(project, file), { recursive: true });
  }
  symlinkSync(resolve('node_modules'), join(project, 'node_modules'));
  put('cli/main.ts', COMMAND);
  put('schemas/a.avsc', '{}');
  put('runtime/gone.ts', 'export {};\n');
});

afterAll(() => {
  // Only of tests that failed; the command has not left the group of its npm.
  for (const npm of outputs.keys()) if (npm.exitCode === null) process.kill(-npm.pid!, 'SIGKILL');
  rmSync(project, { recursive: true });
});

test('it builds first, whole, and then only what has changed', async () => {
  const first = await ended(start('--lines', '1'));
  expect(first.stderr).toMatch(/Building: done in/);
  expect(first.stdout).toMatch('started ["run","canonicalize"');
  expect(first.code).toBe(0);
  expect(existsSync(join(project, 'dist/schemas/a.avsc'))).toBe(true);
  expect((await ended(start('--lines', '1'))).stderr).not.toMatch(/Building/);
  rmSync(join(project, 'runtime/gone.ts'));
  expect((await ended(start('--lines', '1'))).stderr).toMatch(/Building/);
  expect(existsSync(join(project, 'dist/runtime/gone.js'))).toBe(false);
}, 30_000);

test('the exit code of the command is that of npm', async () => {
  expect((await ended(start('--fail'))).code).toBe(3);
}, 30_000);

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s to npm reaches the command, which ends it',
  async (signal) => {
    const npm = start();
    await printed(npm, /started/);
    npm.kill(signal);
    const { stdout, code } = await ended(npm);
    expect(stdout).toMatch(`got ${signal}`);
    expect(code).toBe(7);
  },
  30_000,
);

test('SIGTERM to the process group of npm reaches the command, too', async () => {
  const npm = start();
  await printed(npm, /started/);
  process.kill(-npm.pid!, 'SIGTERM');
  const { stdout, code } = await ended(npm);
  expect(stdout).toMatch('got SIGTERM');
  expect(code).toBe(7);
}, 30_000);

test('sources that do not compile are shown, and nothing runs', async () => {
  put('cli/main.ts', 'const wrong: number = "text";\n');
  const { stdout, stderr, code } = await ended(start());
  expect(code).toBe(1);
  expect(stderr).toMatch(/cli\/main.ts.*TS2322/);
  expect(stdout).not.toMatch('started');
}, 30_000);

function put(path: string, text: string): void {
  mkdirSync(join(project, path, '..'), { recursive: true });
  writeFileSync(join(project, path), text);
}

/** What a process has printed so far. */
const outputs = new Map<ChildProcess, { stdout: string; stderr: string }>();

/** `npm start -- …flags`, in a process group of its own. */
function start(...flags: string[]): ChildProcess {
  const npm = spawn('npm', ['start', '--', ...flags], {
    cwd: project,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  outputs.set(npm, output);
  npm.stdout!.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  npm.stderr!.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  return npm;
}

async function printed(npm: ChildProcess, pattern: RegExp): Promise<void> {
  while (!pattern.test(outputs.get(npm)!.stdout)) await once(npm.stdout!, 'data');
}

async function ended(npm: ChildProcess): Promise<{ stdout: string; stderr: string; code: number }> {
  const [code] = (await once(npm, 'close')) as [number];
  return { ...outputs.get(npm)!, code };
}
