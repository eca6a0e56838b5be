/**
 * Measures a cluster of the built CLI: `recovery`, `submit` or `idle`.
 *
 *     recovery  milliseconds from a worker's kill -9 to the first new commit of the one that came instead, p99 of 30
 *     submit    milliseconds from typing `squall submit` to the first row that a bolt gets
 *     idle      CPU of nimbus and the supervisor with 50 topologies of 8 tasks without input, % of a core
 *
 * @module
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client } from '../../cli/client.js';

const CLI = fileURLToPath(new URL('../../cli/main.js', import.meta.url));
const KILLS = 30;
const TOPOLOGIES = 50;
const IDLE_MS = 20_000;
/** Of proc_pid_stat(5): Linux has a hundred a second. */
const TICKS_PER_SECOND = 100;

const folder = mkdtempSync(join(tmpdir(), 'sq-'));
const dir = join(folder, 'c');
const first = join(folder, 'first');

/** Eight tasks, and a file in which nothing comes. */
const IDLE = `
import { bolt, declassify, file, jsonLines, RawLine, schema, text, topology } from 'squall';
const Word = schema('word', { word: text() });
const lineage = { words: { word: declassify('none', {}, 'line') } };
const read = bolt({ reads: RawLine, emits: { words: Word }, lineage, process: () => {} });
const pass = bolt({ reads: Word, emits: { words: Word }, process: (row, emit) => emit.words(row) });
export default topology('idle', (t) => {
  const { words } = t.bolt('read', read, { from: t.spout('lines', file({ path: 'empty.log', follow: true }), { tasks: 2 }).shuffle(), tasks: 2 });
  const { words: passed } = t.bolt('pass', pass, { from: words.shuffle(), tasks: 2 });
  t.sink('store', jsonLines({ dir: 'idle' }), { from: passed.shuffle(), tasks: 2 });
});
`;

const squall = async (...args: string[]): Promise<string> => {
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...args], {
    cwd: folder,
    env: { ...process.env, SQUALL_CLUSTER: dir },
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
};

const cluster = spawn(
  process.execPath,
  [CLI, 'cluster', 'start', '--cluster', dir, '--port', '0'],
  {
    cwd: folder,
    stdio: 'ignore',
  },
);
try {
  await until(async () => (await squall('list', '--json')) !== '');
  const measured = { recovery, submit, idle }[process.argv[2] ?? ''];
  if (measured === undefined) throw new Error('Give recovery, submit or idle.');
  process.stdout.write(JSON.stringify({ value: await measured() }));
} finally {
  cluster.kill('SIGTERM');
  await new Promise((resolve) => cluster.once('exit', resolve));
  rmSync(folder, { recursive: true, force: true });
}

async function recovery(): Promise<number> {
  await squall('submit', 'canonicalize', '--set', 'rate=2000', '--workers', '2', '--wait');
  const times = String(KILLS);
  const chaos = ['chaos', 'canonicalize', '--kill', 'worker', '--every', '1s', '--times', times];
  const report = JSON.parse(await squall(...chaos, '--yes', '--json')) as {
    readonly recoveryMs: { readonly p99: number };
  };
  return report.recoveryMs.p99;
}

async function submit(): Promise<number> {
  const file = join(folder, 'first.ts');
  writeFileSync(file, noting(first));
  const startMs = performance.now();
  const submitted = squall('submit', file, '--workers', '1');
  await until(() => existsSync(first));
  const tookMs = performance.now() - startMs;
  await submitted;
  return tookMs;
}

async function idle(): Promise<number> {
  const file = join(folder, 'idle.ts');
  writeFileSync(join(folder, 'empty.log'), '');
  writeFileSync(file, IDLE);
  for (let i = 0; i < TOPOLOGIES; i++)
    await squall('submit', file, '--name', `idle-${i}`, '--workers', '1');
  const client = await Client.of({ cluster: dir });
  await until(async () => (await client.list()).every(({ state }) => state === 'running'));
  const before = ticks();
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  return ((ticks() - before) / TICKS_PER_SECOND / (IDLE_MS / 1000)) * 100;
}

/** Of nimbus and the supervisor, which `squall cluster start` has started. */
function ticks(): number {
  const children = readFileSync(`/proc/${cluster.pid}/task/${cluster.pid}/children`, 'utf8');
  return children
    .trim()
    .split(' ')
    .map((pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(' '))
    .reduce((sum, stat) => sum + Number(stat[13]) + Number(stat[14]), 0);
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await Promise.resolve(condition()).catch(() => false)))
    await new Promise((resolve) => setTimeout(resolve, 5));
}

function noting(path: string): string {
  return `
import { writeFileSync } from 'node:fs';
import { bolt, declassify, generate, RawLine, schema, text, topology } from 'squall';
const None = schema('none', { word: text() });
const note = bolt({ reads: RawLine, emits: { none: None }, lineage: { none: { word: declassify('none', {}, 'line') } }, process: () => writeFileSync(${JSON.stringify(path)}, '') });
export default topology('first', (t) => {
  const { none } = t.bolt('note', note, { from: t.spout('lines', generate({ ratePerSecond: 10 })).shuffle() });
  t.discard(none, 'only the first row matters');
});
`;
}
