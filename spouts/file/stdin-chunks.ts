/** Standard input, or any stream of bytes, as chunks. @module */
import type { Readable } from 'node:stream';
import type { Chunks } from './stream-reader.js';

export class StdinChunks implements Chunks {
  readonly #stream: Readable;
  #ended = false;
  #error: Error | undefined;
  #warn: ((message: string) => void) | null;

  /**
   * @param wake called when there is something new to ask for
   * @param warn is told when the bytes are no text
   */
  constructor(stream: Readable, wake: () => void, warn: (message: string) => void) {
    this.#stream = stream;
    this.#warn = warn;
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
    if (chunk instanceof Buffer) {
      if (chunk[0] === 0x1f && chunk[1] === 0x8b)
        this.#warn?.('stdin: this is gzip, and read as text. Put "gzip -dc |" in front.');
      this.#warn = null;
      return chunk;
    }
    if (this.#error)
      throw new Error(`stdin: cannot be read: ${this.#error.message}`, { cause: this.#error });
    return this.#ended ? 'end' : 'idle';
  }

  close(): void {
    this.#stream.destroy();
  }
}
