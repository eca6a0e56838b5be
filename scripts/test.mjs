/**
 * `npm test`: sets up, then runs every check and every test. A step that passes takes one line, one that
 * fails shows all it said, and the steps after it run all the same.
 *
 * `npm test -- test/bolts/route` runs only jest, on that path. With `CI` set, what is skipped has
 * failed; only the published vectors kept beside the project may be absent.
 *
 * @module
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PAGE, ROOT, SOURCES, TSC, setUp } from './setup.mjs';
import { absences, failuresOf, slowestOf, tallyOf, unforgiven } from './tally.mjs';

/** What the linter and the layer rules look at. */
const CODE = [...SOURCES, PAGE, 'bench', 'test', 'scripts'].filter((path) =>
  existsSync(join(ROOT, path)),
);
const JEST = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
];
/** They start processes of the built CLI, and servers, and take a machine for themselves: one after another. */
const WHOLE = ['test/e2e/', 'test/chaos/', 'test/browser/'];
/** A step that has not ended by then is killed, and has failed. */
const STEP_TIMEOUT_MS = 30 * 60_000;

/** What each step runs: a script for this Node, then its arguments. */
const CHECKS = {
  format: ['node_modules/oxfmt/bin/oxfmt', '--check'],
  lint: [
    'node_modules/oxlint/bin/oxlint',
    '--type-aware',
    '--report-unused-disable-directives',
    '--deny-warnings',
    ...CODE,
  ],
  types: [TSC, '-p', 'tsconfig.json'],
  'page types': [TSC, '-p', PAGE],
  layers: [
    'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
    '--config',
    '.dependency-cruiser.cjs',
    ...CODE,
  ],
  unused: ['node_modules/knip/bin/knip.js'],
};
const TESTS = {
  tests: [...JEST, '--maxWorkers=100%', '--testPathIgnorePatterns', ...WHOLE],
  'end to end': [...JEST, '--runInBand', '--passWithNoTests', ...WHOLE],
};

async function everything() {
  const start = performance.now();
  const totals = { passed: 0, failed: 0, skipped: 0 };
  const { status } = spawnSync(process.execPath, ['scripts/setup.mjs'], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  says(status === 0, 'setup', start);
  if (status !== 0) totals.failed = 1;
  const steps = status === 0 ? { ...CHECKS, ...TESTS } : {};
  for (const [name, args] of Object.entries(steps)) {
    const { passed, failed, skipped } = await (name in TESTS ? runTests : runCheck)(name, args);
    totals.passed += passed;
    totals.failed += failed;
    totals.skipped += skipped.length;
  }
  console.log(`\n${seconds(start)} in all`);
  console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
  process.exitCode = totals.failed === 0 ? 0 : 1;
}

/** @returns {Promise<import('./tally.mjs').Tally>} */
async function runCheck(name, args) {
  const { ok, output } = await run(name, args);
  if (!ok) console.log(output);
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: [] };
}

/** @returns {Promise<import('./tally.mjs').Tally>} */
async function runTests(name, args) {
  const folder = mkdtempSync(join(tmpdir(), 'squall-test-'));
  const path = join(folder, 'report.json');
  const { ok, output } = await run(name, [...args, '--json', `--outputFile=${path}`]);
  const report = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null;
  const tally = report === null ? { passed: 0, failed: 0, skipped: [] } : tallyOf(report);
  // The failures alone: a log that is cut off must not lose them among what the others printed.
  if (!ok) console.log((report !== null && failuresOf(report)) || output);
  rmSync(folder, { recursive: true });
  if (report !== null) for (const line of slowestOf(report, ROOT)) console.log(`      ${line}`);
  const absent = absences(output);
  for (const line of absent) console.log(`      ${line}`);
  const refused = process.env.CI ? unforgiven(tally.skipped, absent) : [];
  if (refused.length > 0) console.log(`FAIL  ${name}: skipped on CI\n${refused.join('\n')}`);
  // Jest may fail for something else than a test, and then that counts.
  const failed = Math.max(tally.failed + refused.length, ok ? 0 : 1);
  return { ...tally, failed };
}

/** Runs one step and prints its line. */
async function run(name, args) {
  const start = performance.now();
  if (process.stdout.isTTY) process.stdout.write(`…     ${name}\r`);
  const { ok, output } = await outputOf(args);
  says(ok, name, start);
  return { ok, output };
}

function outputOf(args) {
  let output = '';
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: STEP_TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  const streams = [child.stdout, child.stderr];
  for (const stream of streams) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const stop = () => {
    child.kill();
    process.exit(1);
  };
  process.once('SIGTERM', stop);
  return new Promise((resolve) => {
    child.on('exit', (_code, signal) => {
      if (signal === null) return;
      output += `\nended by ${signal}; a step has ${STEP_TIMEOUT_MS / 60_000} minutes\n`;
      // What it has left behind may hold them open.
      for (const stream of streams) stream.destroy();
    });
    child.on('close', (code) => {
      process.off('SIGTERM', stop);
      resolve({ ok: code === 0, output });
    });
  });
}

function says(ok, name, start) {
  console.log(`${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(12)}${seconds(start).padStart(8)}`);
}

const seconds = (start) => `${((performance.now() - start) / 1000).toFixed(1)} s`;

function only(args) {
  setUp();
  const inBand = WHOLE.some((folder) => args.some((arg) => arg.includes(folder.slice(0, -1))))
    ? ['--runInBand']
    : [];
  const { status } = spawnSync(process.execPath, [...JEST, ...inBand, ...args], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
}

const args = process.argv.slice(2);
if (args.length > 0) only(args);
else await everything();
