/** What went wrong in the file system, by its code. @module */

/** The code of a system error, e.g. `ENOSPC`. Looks at the shape, as errors may come from another realm. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/**
 * Catches "there is no such file" alone.
 *
 * @example
 * const names = await readdir('state').catch(whenMissing([]));
 */
export const whenMissing =
  <T>(instead: T) =>
  (error: unknown): T => {
    if (codeOf(error) === 'ENOENT') return instead;
    throw error;
  };
