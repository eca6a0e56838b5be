/**
 * The page: what was built into a folder. Its files are read once and looked up by name, so no path leads out of the folder.
 *
 * @module
 */
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { whenMissing } from '../../state/system-error.js';

export interface Page {
  /** What stands at that path of the address; undefined when nothing does. */
  serve(path: string): Response | undefined;
}

const TYPES: { readonly [extension: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

const HEADERS = {
  'cache-control': 'no-cache',
  'content-security-policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // The address may hold the token, if only in its fragment.
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** @param folder of the built page; when it is missing there is none */
export async function openPage(folder: string | undefined): Promise<Page> {
  const files = folder === undefined ? new Map<string, File>() : await filesIn(folder);
  return {
    serve(path) {
      const file = files.get(path === '/' ? '/index.html' : path);
      return (
        file && new Response(file.content, { headers: { ...HEADERS, 'content-type': file.type } })
      );
    },
  };
}

interface File {
  readonly content: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

async function filesIn(folder: string): Promise<Map<string, File>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    whenMissing([]),
  );
  const files = entries
    .filter((entry) => entry.isFile() && Object.hasOwn(TYPES, extname(entry.name)))
    .map(async (entry): Promise<[string, File]> => {
      const path = join(entry.parentPath, entry.name);
      const content = new Uint8Array(await readFile(path));
      const name = `/${relative(folder, path).split(sep).join('/')}`;
      return [name, { content, type: TYPES[extname(entry.name)]! }];
    });
  return new Map(await Promise.all(files));
}
