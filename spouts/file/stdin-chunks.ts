/** Standard input, or any stream of bytes, as chunks. @module */
import type { Readable } from 'node:stream';
import type { Chunks } from './stream-reader.js';

export class StdinChunks implements Chunks {
  readonly #stream: Readable;
  #ended = false;
  #error: Error | undefined;

  /** @param wake called when there is something new to ask for */
  constructor(stream: Readable, wake: () => void) {
    this.#stream = stream;
    stream.on('readable', wake);
    stream.on('end', () => {
      this.#ended = true;
      wake();
    });
    stream.on('error', (error) => {
      this.#error = error;
      wake();
    });
  }

  next(): Buffer | 'idle' | 'end' {
    const chunk: unknown = this.#stream.read();
    if (chunk instanceof Buffer) return chunk;
    if (this.#error)
      throw new Error(`stdin: cannot be read: ${this.#error.message}`, { cause: this.#error });
    return this.#ended ? 'end' : 'idle';
  }

  close(): void {
    this.#stream.destroy();
  }
}
