/**
 * Compiling generated code. All names in it are quoted; no text of a user or of a row is ever code.
 *
 * Each piece gets a name of its own: profiles show it, and V8 would otherwise give pieces of equal
 * text one common type feedback, which makes their calls megamorphic.
 *
 * @module
 */

/** Runs `source` as the body of a function that sees `scope`. `name` says in profiles and stacks what it is. */
export function generated<T>(
  source: string,
  scope: { readonly [name: string]: unknown },
  name = 'code',
): T {
  const body = `'use strict';${source}\n//# sourceURL=squall-generated/${name.replaceAll(/[^\w.-]/g, '_')}-${++count}`;
  return new Function(...Object.keys(scope), body)(...Object.values(scope)) as T;
}

let count = 0;

/** A name as a JavaScript string literal. */
export const quoted = (name: string): string => JSON.stringify(name);
