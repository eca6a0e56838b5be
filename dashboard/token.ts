/**
 * The token that lets the page change things. It comes in the fragment of the address, which browsers send
 * to nobody, leaves the address at once, and is kept as long as the tab.
 *
 * @module
 */
import { signal, type ReadonlySignal } from '@preact/signals';
import { tokenIn } from './address.js';

const KEY = 'squall-token';

const kept = signal(sessionStorage.getItem(KEY));

/** Null: this tab may only look. */
export const token: ReadonlySignal<string | null> = kept;

/** Called before anything else reads the address, whenever it changes. */
export function keepToken(): void {
  const handed = tokenIn(location.hash);
  if (handed === undefined) return;
  sessionStorage.setItem(KEY, handed);
  kept.value = handed;
  history.replaceState(null, '', '#/');
}
