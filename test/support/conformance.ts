/** Finds published vectors kept beside the project; tests that use them run without them, too. @module */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const DIR = resolve(process.env['SQUALL_CONFORMANCE_DIR'] ?? '../shared/conformance');

/** The parsed file, e.g. `conformance('privacy/crypto-pan')`; undefined, with one line on stderr, when it is not there. */
export function conformance(name: string): Record<string, any> | undefined {
  return readShared(join(DIR, `${name}.json`), (text) => JSON.parse(text) as Record<string, any>);
}

/** A sample file kept beside the conformance cases, e.g. `sample('varnish/ncsa-combined.log')`: its path. */
export function sample(name: string): string | undefined {
  const path = join(DIR, '..', 'samples', name);
  return readShared(path, () => path, false);
}

function readShared<T>(path: string, use: (text: string) => T, read = true): T | undefined {
  if (existsSync(path)) return use(read ? readFileSync(path, 'utf8') : '');
  process.stderr.write(`skipped: ${path} is not there (SQUALL_CONFORMANCE_DIR)\n`);
  return undefined;
}
