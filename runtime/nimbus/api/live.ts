/**
 * Live figures as server-sent events. A reader gets the newest figures when it has taken the ones before, so one that is
 * slow skips some, and nothing piles up. What several readers see is made into text once.
 *
 *     event: status          data: JSON
 *     event: gone            the topology is no more; the stream ends
 *     : still here           a comment, when there was nothing for a while
 *
 * @module
 */
import { Refused, type Operations } from '../operations.js';

const HEARTBEAT_MS = 15_000;
const RETRY = 'retry: 1000\n\n';

export class Live {
  readonly #operations: Operations;
  readonly #onError: (error: unknown) => void;
  readonly #waiting = new Set<() => void>();
  /** By what is looked at, in this version. */
  #made = new Map<string, Uint8Array>();
  #version = 0;
  #readers = 0;
  #unwatch: () => void = () => {};

  constructor(operations: Operations, onError: (error: unknown) => void) {
    this.#operations = operations;
    this.#onError = onError;
  }

  /**
   * A stream of what `look` sees, now and whenever it is new.
   *
   * @param key of what it looks at: readers of one key share its text
   */
  stream(key: string, look: () => unknown): Response {
    const seen = { version: -1, joined: false };
    const leave = (): void => {
      if (seen.joined) this.#leave();
      seen.joined = false;
    };
    const body = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          if (!seen.joined) {
            this.#join();
            seen.joined = true;
            controller.enqueue(encoder.encode(RETRY));
          }
          const isNew = seen.version !== this.#version || (await this.#next());
          // It may have gone meanwhile.
          if (!seen.joined) return;
          if (!isNew) return controller.enqueue(HEARTBEAT);
          seen.version = this.#version;
          const frame = this.#frame(key, look);
          controller.enqueue(frame);
          if (frame !== GONE) return;
          leave();
          controller.close();
        },
        cancel: leave,
      },
      // Nothing is made before somebody reads it.
      { highWaterMark: 0 },
    );
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  }

  #join(): void {
    if (this.#readers++ > 0) return;
    this.#unwatch = this.#operations.watch(() => {
      this.#version++;
      this.#made = new Map();
      for (const go of [...this.#waiting]) go();
    });
    this.#version++;
    this.#made = new Map();
  }

  #leave(): void {
    if (--this.#readers === 0) this.#unwatch();
  }

  /** Whether there is something new; false when it is time for a sign of life. */
  async #next(): Promise<boolean> {
    return new Promise((done) => {
      const end = (isNew: boolean) => () => {
        clearTimeout(timer);
        this.#waiting.delete(go);
        done(isNew);
      };
      const go = end(true);
      const timer = setTimeout(end(false), HEARTBEAT_MS).unref();
      this.#waiting.add(go);
    });
  }

  #frame(key: string, look: () => unknown): Uint8Array {
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const frame = this.#framed(look);
    this.#made.set(key, frame);
    return frame;
  }

  /** JSON has no line ends of its own. */
  #framed(look: () => unknown): Uint8Array {
    try {
      return encoder.encode(`event: status\ndata: ${JSON.stringify(look())}\n\n`);
    } catch (error) {
      if (!(error instanceof Refused)) this.#onError(error);
      return GONE;
    }
  }
}

const encoder = new TextEncoder();
const HEARTBEAT = encoder.encode(': still here\n\n');
const GONE = encoder.encode('event: gone\ndata: {}\n\n');
