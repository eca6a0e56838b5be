/** Where in the page the reader is: the address says so, so that it can be kept and sent. @module */
import { signal, type ReadonlySignal } from '@preact/signals';
import { fragmentOf, placeIn, type Place } from './address.js';
import { keepToken } from './token.js';

const current = signal<Place>({ topology: null, component: null });

export const place: ReadonlySignal<Place> = current;

/** Called once. */
export function followAddress(): void {
  const read = (): void => {
    keepToken();
    current.value = placeIn(location.hash);
  };
  read();
  addEventListener('hashchange', read);
}

/** Shows a component of the topology that is shown. It takes no step of the browser's way back. */
export function choose(component: string): void {
  current.value = { ...current.value, component };
  history.replaceState(null, '', fragmentOf(current.value));
}
