/**
 * `npm run bench`: sets up, compiles the benchmarks and runs `bench/main.ts` with the flags given.
 *
 * @module
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, compile, setUp } from './setup.mjs';

setUp();
compile('tsconfig.bench.json');
const main = join(ROOT, 'dist/bench/main.js');
process.argv = [process.execPath, main, ...process.argv.slice(2)];
await import(pathToFileURL(main).href);
