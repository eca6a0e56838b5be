/**
 * Pictures of the page for the README: `docs/images/{light,dark,narrow}.png`. Needs Chromium; the
 * figures are those that its tests see.
 *
 * @module
 */
import { build } from 'esbuild';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, setUp } from './setup.mjs';

const IMAGES = join(ROOT, 'docs/images');
const PICTURES = {
  light: { width: 1280, height: 1000 },
  dark: { width: 1280, height: 1000, dark: true },
  narrow: { width: 400, height: 1000, dark: true, scale: 2 },
};

setUp();
const { Reader, serveShowcase, Showcase, startChromium, TOKEN } = await support();
const nimbus = new Showcase();
const server = await serveShowcase(nimbus);
const browser = await startChromium();
mkdirSync(IMAGES, { recursive: true });
for (const [name, reading] of Object.entries(PICTURES)) {
  const { page } = await Reader.open(browser, server.url, reading);
  await page.goto(`${server.url}/#token=${TOKEN}`);
  await page.goto(`${server.url}/#/canonicalize`);
  await page.getByText('in ten minutes').first().waitFor();
  await page.screenshot({ path: join(IMAGES, `${name}.png`), animations: 'disabled' });
}
await browser.close();
await server.close();

/** The tests' own, which are TypeScript; beside the built page for a while, where they find packages. */
async function support() {
  const path = join(ROOT, 'dist/screenshots.mjs');
  const names = ['dashboard/reader', 'dashboard/showcase', 'services/chromium'];
  await build({
    stdin: {
      contents: names.map((name) => `export * from './test/support/${name}.ts';`).join('\n'),
      resolveDir: ROOT,
    },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    outfile: path,
    logLevel: 'error',
  });
  try {
    return await import(pathToFileURL(path).href);
  } finally {
    rmSync(path);
  }
}
