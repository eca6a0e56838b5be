/** What components have to say to the operator. @module */
import type { RunEvents } from '../runtime/coordinator/run-request.js';

/** The same notice from many rows and workers is said once, and no more than 1,000 are. */
export function onceEach(say: RunEvents['notice']): RunEvents['notice'] {
  const said = new Set<string>();
  return (message, from) => {
    const key = `${from.component}\n${message}`;
    if (said.has(key) || said.size >= NOTICES_MAX) return;
    said.add(key);
    say(message, from);
  };
}

const NOTICES_MAX = 1000;
