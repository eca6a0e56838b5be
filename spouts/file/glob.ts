/**
 * Paths by pattern, as in a shell: `*` and `?` match within a name and not its leading dot,
 * `[a-z]` and `[!a-z]` one character, `**` any folders, hidden and linked ones left out.
 *
 * Node's own `fs.globSync` comes with Node 22.
 *
 * @module
 */
import { existsSync, readdirSync, statSync, type Dirent } from 'node:fs';
import { join } from 'node:path';

/** Whether `path` is a pattern, and not the name of a file that happens to look like one. */
export const isGlob = (path: string): boolean => WILDCARD.test(path) && !existsSync(path);

/**
 * The files that match an absolute pattern, sorted by name.
 * @throws Error when a folder cannot be listed, or a range of the pattern goes backwards
 */
export function expand(pattern: string): string[] {
  const names = pattern.split('/');
  const fixed = names.findIndex((name) => WILDCARD.test(name));
  const found = walk(names.slice(0, fixed).join('/') || '/', names.slice(fixed));
  return [...new Set(found)].sort();
}

function* walk(folder: string, [name, ...rest]: readonly string[]): Generator<string> {
  if (name === undefined) return;
  if (name === '**') {
    yield* walk(folder, rest.length > 0 ? rest : ['*']);
    for (const entry of entries(folder)) {
      if (entry.isDirectory() && !entry.name.startsWith('.'))
        yield* walk(join(folder, entry.name), [name, ...rest]);
    }
    return;
  }
  const matches = matcher(name);
  for (const entry of entries(folder)) {
    const path = join(folder, entry.name);
    if (!matches.test(entry.name)) continue;
    if (rest.length > 0) yield* walk(path, rest);
    else if (isFile(entry, path)) yield path;
  }
}

function matcher(name: string): RegExp {
  const pattern = name.replace(/\[!?[^\]]+\]|[*?\\^$.+(){}|[\]]/g, (part) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    if (part.length > 1) return part.replaceAll('\\', '\\\\').replace('[!', '[^');
    return `\\${part}`;
  });
  try {
    return new RegExp(`^${name.startsWith('.') ? '' : '(?!\\.)'}${pattern}$`, 'su');
  } catch (cause) {
    throw new Error(`${name}: is no pattern. Give the lower end of a range first, e.g. [a-z].`, {
      cause,
    });
  }
}

function entries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw new Error(
      `${folder}: cannot be listed (${code}). Let this user read the folder, or narrow the glob.`,
      { cause },
    );
  }
}

function isFile(entry: Dirent, path: string): boolean {
  if (!entry.isSymbolicLink()) return entry.isFile();
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

const WILDCARD = /[*?[]/;
