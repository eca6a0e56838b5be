/**
 * `npm start`: sets up, then runs the topology `canonicalize` on generated lines, with a state folder of its own.
 *
 * `--lines N` ends it after N lines; every other flag goes to `squall run` as it is. The CLI is
 * loaded into this very process, so signals reach it and its exit code is ours.
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
  const given = flags.flatMap((flag, i) => {
    if (flag === '--lines') return ['--set'];
    if (flags[i - 1] === '--lines') return [`lines=${flag}`];
    return flag.startsWith('--lines=') ? ['--set', flag.slice('--'.length)] : [flag];
  });
  return [
    'run',
    'canonicalize',
    '--workers',
    '2',
    '--state',
    '.squall/demo',
    '--set',
    'out=out',
    ...given,
  ];
}

if (isMain(import.meta.url)) {
  setUp();
  const cli = join(ROOT, 'dist/cli/main.js');
  process.argv = [process.execPath, cli, ...commandFor(process.argv.slice(2))];
  await import(pathToFileURL(cli).href);
}
