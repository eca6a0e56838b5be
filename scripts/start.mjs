/**
 * `npm start`: sets up, then starts a cluster with its page, on which the topology `canonicalize` runs on generated lines.
 *
 * `--lines N` runs that topology by itself, as fast as it goes, and ends it after N lines. Every other flag goes to
 * `squall cluster start`, or with `--lines` to `squall run`, as it is. The CLI is loaded into this very process, so
 * signals reach it and its exit code is ours.
 *
 * @module
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, isMain, setUp } from './setup.mjs';

/**
 * The words of the CLI for the flags of `npm start`. Of a flag given twice the later counts, so
 * that the defaults stand first.
 *
 * @param {readonly string[]} flags
 */
export function commandFor(flags) {
  if (!flags.some((flag) => flag === '--lines' || flag.startsWith('--lines=')))
    return [...DEMO, ...flags];
  const given = flags.flatMap((flag, i) => {
    if (flag === '--lines') return ['--set'];
    if (flags[i - 1] === '--lines') return [`lines=${flag}`];
    return flag.startsWith('--lines=') ? ['--set', flag.slice('--'.length)] : [flag];
  });
  return [...RUN, ...given];
}

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

/** At a gentle rate: it goes on until it is stopped. */
const DEMO = [
  ...['cluster', 'start', '--cluster', '.squall/demo-cluster'],
  ...['--with', 'canonicalize', '--set', 'out=out', '--set', 'rate=1000'],
];

if (isMain(import.meta.url)) {
  setUp();
  const cli = join(ROOT, 'dist/cli/main.js');
  process.argv = [process.execPath, cli, ...commandFor(process.argv.slice(2))];
  await import(pathToFileURL(cli).href);
}
