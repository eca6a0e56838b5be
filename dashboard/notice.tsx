/** One line about what the reader did and what came of it, shown for a while and read aloud. @module */
import { signal } from '@preact/signals';

const SHOWN_MS = 8000;

const words = signal('');
let timer: ReturnType<typeof setTimeout> | undefined;

export function tell(text: string): void {
  clearTimeout(timer);
  words.value = text;
  timer = setTimeout(() => (words.value = ''), SHOWN_MS);
}

/** Stands in the page once, also when it is empty: readers of the screen hear only what changes. */
export const Notice = () => (
  <p class="notice" role="status">
    {words.value}
  </p>
);
