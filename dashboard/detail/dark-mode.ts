/** Whether the reader's system is dark: what is drawn, and not styled, must know. @module */
import { signal, type ReadonlySignal } from '@preact/signals';

const query = matchMedia('(prefers-color-scheme: dark)');
const dark = signal(query.matches);
query.addEventListener('change', ({ matches }) => (dark.value = matches));

export const darkMode: ReadonlySignal<boolean> = dark;
