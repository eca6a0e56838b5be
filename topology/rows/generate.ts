/** Compiling generated code. All names in it are quoted; no text of a user or of a row is ever code. @module */

/** Runs `source` as the body of a function that sees `scope`. */
export function generated<T>(source: string, scope: { readonly [name: string]: unknown }): T {
  return new Function(...Object.keys(scope), `'use strict';${source}`)(...Object.values(scope)) as T;
}

/** A name as a JavaScript string literal. */
export const quoted = (name: string): string => JSON.stringify(name);
