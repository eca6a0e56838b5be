/**
 * Bundles the page into `dist/dashboard`: what it imports goes into two files, and the licences of
 * others' packages among them into a third. `scripts/setup.mjs` runs it.
 *
 * @module
 */
import { buildSync } from 'esbuild';
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PAGE, ROOT } from './setup.mjs';

const OUT = join(ROOT, 'dist', PAGE);
/** What is sent to browsers as it stands. */
const AS_IS = ['index.html', 'icon.svg'];

rmSync(OUT, { recursive: true, force: true });
const { metafile } = buildSync({
  absWorkingDir: ROOT,
  entryPoints: { main: `${PAGE}/main.tsx`, style: `${PAGE}/style/main.css` },
  outdir: OUT,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  legalComments: 'none',
  metafile: true,
});
for (const name of AS_IS) cpSync(join(ROOT, PAGE, name), join(OUT, name));
const packages = Object.keys(metafile.inputs).map(
  (path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0],
);
const licences = [...new Set(packages)]
  .filter((path) => path !== undefined)
  .sort()
  .map((path) => `${path.replace(/^.*node_modules\//, '')}\n\n${licenceOf(join(ROOT, path))}`);
writeFileSync(join(OUT, 'licences.txt'), licences.join('\n----\n\n'));

/** Their licences ask that their text goes wherever their code goes. */
function licenceOf(folder) {
  const name = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  if (name === undefined) throw new Error(`${folder} has no licence`);
  return readFileSync(join(folder, name), 'utf8');
}
