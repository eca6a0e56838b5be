/**
 * `npm run chaos`: sets up, starts a cluster in a folder of its own with `canonicalize` on it at a gentle rate, kills its
 * workers 1,000 times, and prints what became of its messages. Flags go to `squall chaos` as they are, e.g. `--times 100`.
 *
 * @module
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, setUp } from './setup.mjs';

const TOPOLOGY = 'canonicalize';
const CHAOS = ['--kill', 'worker', '--times', '1000', '--every', '0s', '--for', '24h', '--yes'];

setUp();
const cli = join(ROOT, 'dist/cli/main.js');
const folder = mkdtempSync(join(tmpdir(), 'sq-'));
const flags = ['--cluster', join(folder, 'c')];
const run = (...args) =>
  spawnSync(process.execPath, [cli, ...args, ...flags], { stdio: ['ignore', 'inherit', 'inherit'] })
    .status;

const cluster = spawn(process.execPath, [cli, 'cluster', 'start', ...flags, '--port', '0'], {
  stdio: 'ignore',
});
const gone = new Promise((resolve) => cluster.on('exit', resolve));
try {
  while (run('list') === 4 && cluster.exitCode === null)
    await new Promise((resolve) => setTimeout(resolve, 500));
  const out = `out=${join(folder, 'out')}`;
  const submitted = run('submit', TOPOLOGY, '--set', out, '--set', 'rate=1000', '--wait');
  process.exitCode = submitted || run('chaos', TOPOLOGY, ...CHAOS, ...process.argv.slice(2));
} finally {
  cluster.kill('SIGTERM');
  await gone;
  rmSync(folder, { recursive: true, force: true });
}
