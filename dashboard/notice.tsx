/** One line about what the reader did and what came of it, shown and read aloud. @module */
import { signal } from '@preact/signals';

interface Words {
  readonly text: string;
  readonly bad: boolean;
}

const words = signal<Words>({ text: '', bad: false });

export const tell = (text: string): void => void (words.value = { text, bad: false });

/** Stands in the page once, also when it is empty: readers of the screen hear only what changes. */
export const Notice = () => (
  <p class={words.value.bad ? 'notice bad' : 'notice'} role="status">
    {words.value.text}
  </p>
);
