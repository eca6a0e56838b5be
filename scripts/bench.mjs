/**
 * `npm run bench -- web-job …flags`: sets up, compiles the benchmarks and runs `bench/web-job.ts` with the
 * flags; without a name `bench/main.ts`.
 *
 * @module
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, compile, setUp } from './setup.mjs';

setUp();
compile('tsconfig.bench.json');
const words = process.argv.slice(2);
const name = words.length > 0 && !words[0].startsWith('-') ? words.shift() : 'main';
const bench = join(ROOT, `dist/bench/${name}.js`);
if (existsSync(bench)) {
  process.argv = [process.execPath, bench, ...words];
  await import(pathToFileURL(bench).href);
} else {
  const there = readdirSync(join(ROOT, 'bench')).filter((file) => file.endsWith('.ts'));
  console.error(`There is no bench/${name}.ts, but there are: ${there.join(', ')}`);
  process.exitCode = 2;
}
