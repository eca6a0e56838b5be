/**
 * What the fragment of the page's address says: `#token=…` once, to hand over the token, and then
 * `#/<topology>/<component>`.
 *
 * @module
 */

export interface Place {
  /** Null: the list of all. */
  readonly topology: string | null;
  /** The one whose figures are shown. */
  readonly component: string | null;
}

/** @param fragment with its `#` */
export function placeIn(fragment: string): Place {
  const [slash, topology, component] = fragment.replace('#', '').split('/');
  if (slash !== '' || !topology) return { topology: null, component: null };
  return { topology: decoded(topology), component: component ? decoded(component) : null };
}

export function fragmentOf({ topology, component }: Place): string {
  const names = [topology, component].filter((name) => name !== null);
  return `#/${names.map(encodeURIComponent).join('/')}`;
}

/** The token that a fragment hands over, if it does. */
export const tokenIn = (fragment: string): string | undefined =>
  /^#token=([\w-]+)$/.exec(fragment)?.[1];

/** People type addresses: what is not encoded well stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
