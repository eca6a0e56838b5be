/**
 * Makes a clone ready: the packages of the lock file in `node_modules`, the sources compiled in `dist`.
 *
 * `npm start` and `npm test` begin here on a fresh clone, so it needs nothing but Node and npm.
 * What is there already is left alone; seeing that takes some 20 ms. Progress goes to stderr.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** By path: three versions are installed, and `.bin/tsc` is any of them. */
export const TSC = 'node_modules/typescript/bin/tsc';

/** What is built; files that are not TypeScript are copied beside the output. */
export const SOURCES = json('tsconfig.build.json').include;
/** The page, which is bundled for browsers. */
export const PAGE = 'dashboard';
/** What else decides how `dist` looks. */
const SETTINGS = [
  'tsconfig.json',
  'tsconfig.build.json',
  'package-lock.json',
  'scripts/setup.mjs',
  'scripts/bundle.mjs',
];
/** What `dist` was built from. */
const STAMP = 'dist/.built.json';

/** Installs and builds what is missing. Ends the process with status 1, and says why, when it cannot. */
export function setUp() {
  const required = json('package.json').engines.node;
  if (isOlder(process.versions.node, required)) {
    fail(`Squall needs Node ${required}, and this is ${process.versions.node}.`);
  }
  if (needsInstall(json('package-lock.json'), json('node_modules/.package-lock.json'))) install();
  const sources = filesNow();
  const needed = neededBuild(sources, json(STAMP));
  if (needed !== 'none') build(needed, sources);
}

/**
 * Whether Node `running` (`20.18.1`) is older than `required` (`>=20.19`).
 *
 * @param {string} running
 * @param {string} required
 */
export function isOlder(running, required) {
  const [major, minor] = running.split('.').map(Number);
  const [majorMin, minorMin = 0] = required.replace('>=', '').split('.').map(Number);
  return major < majorMin || (major === majorMin && minor < minorMin);
}

/**
 * Whether a package of the lock file is missing or of another version. `installed` is what npm
 * notes in `node_modules` at the end of an install, so that a broken-off one counts as none.
 * Optional packages are those of other platforms.
 *
 * @typedef {{ packages: Record<string, { version?: string, optional?: boolean }> }} Lock
 * @param {Lock} lock
 * @param {Lock | undefined} installed
 */
export function needsInstall(lock, installed) {
  if (installed === undefined) return true;
  return Object.entries(lock.packages).some(([path, { version, optional }]) => {
    const there = installed.packages[path];
    return path !== '' && (there === undefined ? !optional : there.version !== version);
  });
}

/**
 * `clean` when nothing was built or a source has gone, whose output must go too; otherwise
 * `changed` or `none`. Both are stamps (time and size) by path.
 *
 * @param {Record<string, string>} sources
 * @param {Record<string, string> | undefined} built
 * @returns {'clean' | 'changed' | 'none'}
 */
export function neededBuild(sources, built) {
  if (built === undefined || Object.keys(built).some((path) => !(path in sources))) return 'clean';
  return Object.keys(sources).some((path) => sources[path] !== built[path]) ? 'changed' : 'none';
}

/** Compiles by the tsconfig that is named, quietly. */
export function compile(project) {
  must([process.execPath, TSC, '-p', project], 'The sources do not compile.');
}

/** Whether Node was started with the module at `url`. */
export const isMain = (url) => realpathSync(process.argv[1] ?? '.') === fileURLToPath(url);

function install() {
  timed('Installing packages', () => {
    const npm = process.env.npm_execpath ?? '';
    const command = basename(npm) === 'npm-cli.js' ? [process.execPath, npm] : ['npm'];
    // Types and compiler are needed under NODE_ENV=production, too.
    must(
      [...command, 'ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund'],
      'npm ci failed.',
    );
  });
}

function build(needed, sources) {
  timed('Building', () => {
    rmSync(join(ROOT, STAMP), { force: true });
    if (needed === 'clean') rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
    compile('tsconfig.build.json');
    must([process.execPath, 'scripts/bundle.mjs'], 'The page cannot be bundled.');
    for (const path of Object.keys(sources)) {
      const isCopied = !path.endsWith('.ts') && !path.startsWith(`${PAGE}/`);
      if (!isCopied || SETTINGS.includes(path)) continue;
      cpSync(join(ROOT, path), join(ROOT, 'dist', path));
    }
    chmodSync(join(ROOT, 'dist/cli/main.js'), 0o755);
    writeFileSync(join(ROOT, STAMP), JSON.stringify(sources));
  });
}

function filesNow() {
  const paths = [...SETTINGS, ...[...SOURCES, PAGE].flatMap(filesUnder)];
  return Object.fromEntries(paths.map((path) => [path, stampOf(path)]));
}

function filesUnder(path) {
  // Git keeps no empty folders.
  if (!existsSync(join(ROOT, path))) return [];
  if (!statSync(join(ROOT, path)).isDirectory()) return [path];
  return readdirSync(join(ROOT, path)).flatMap((name) => filesUnder(`${path}/${name}`));
}

function stampOf(path) {
  const { mtimeMs, size } = statSync(join(ROOT, path));
  return `${mtimeMs} ${size}`;
}

function json(path) {
  const full = join(ROOT, path);
  return existsSync(full) ? JSON.parse(readFileSync(full, 'utf8')) : undefined;
}

function must([command, ...args], failure) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) fail(`${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}\n${failure}`);
}

function timed(what, work) {
  const start = performance.now();
  process.stderr.write(`${what} …\n`);
  work();
  process.stderr.write(`${what}: done in ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

if (isMain(import.meta.url)) setUp();
