/** What `varnishlog` writes, as a line of JSON a request: see `transactions.ts`. @module */
import type { Recorder } from './recorder.js';
import { Transactions } from './transactions.js';

export class RequestLines implements Recorder {
  readonly #transactions: Transactions;
  /** A line that has not ended. */
  #rest = '';

  constructor(recordBytesMax: number) {
    this.#transactions = new Transactions(recordBytesMax);
  }

  get recordBytesMax(): number {
    return this.#transactions.recordBytesMax;
  }

  set recordBytesMax(bytes: number) {
    this.#transactions.recordBytesMax = bytes;
  }

  get cut(): number {
    return this.#transactions.cut;
  }

  take(bytes: Buffer): Uint8Array {
    const lines = (this.#rest + bytes.latin1Slice()).split('\n');
    this.#rest = lines.pop()!;
    let requests = '';
    for (const line of lines) {
      const request = this.#transactions.line(line);
      if (request !== undefined) requests += `${request}\n`;
    }
    return Buffer.from(requests);
  }

  reset(): void {
    this.#rest = '';
    this.#transactions.forget();
  }
}
