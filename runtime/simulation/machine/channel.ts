/** What a process and its coordinator say to each other: in order. @module */
import type { Machine, Process } from './process.js';

/** Returns what sends a message to an actor: the process, or its coordinator, which is null. */
export function channel<M extends { readonly type: string }>(
  { timeline, network }: Machine,
  process: Process,
  verb: string,
  receive: (message: M) => void,
): (message: M, actor: Process | null) => void {
  let lastMs = 0;
  return (message, actor) => {
    lastMs = Math.max(lastMs, timeline.nowMs + network.delayMs());
    const what = `${actor === null ? `${process.name} ` : ''}${verb} ${message.type}`;
    timeline.in(lastMs - timeline.nowMs, actor, what, () => receive(message));
  };
}
