/**
 * Lines of varnishncsa on their way to the journal: without the marks that `format.ts` put into them, and with one
 * mark at the end of a line of which a record was cut.
 *
 * A record is taken for cut when it is as long as the longest that Varnish writes, so one that is just that long is, too.
 *
 * @module
 */
import { MARK, type NcsaFormat } from './format.js';
import type { Recorder } from './recorder.js';

export class NcsaLines implements Recorder {
  recordBytesMax: number;
  cut = 0;
  readonly #besides: readonly number[];
  readonly #added: number;
  #out = Buffer.allocUnsafe(0);
  /** The line at hand: where it begins in `out`, and how far it is. */
  #start = 0;
  #end = 0;
  /** Marks that were seen in it; odd within a value. */
  #marks = 0;
  /** Bytes of the value so far, each escape taken for the byte that it stands for. */
  #bytes = 0;
  /** The next byte is what a backslash escapes. */
  #escaped = false;
  /** Hexadecimal digits of an escape that are to come. */
  #digits = 0;
  #cut = false;

  constructor(format: NcsaFormat, recordBytesMax: number) {
    this.#besides = format.besides;
    this.#added = 2 * format.added + 1;
    this.recordBytesMax = recordBytesMax;
  }

  take(bytes: Uint8Array): Uint8Array {
    this.#makeRoom(bytes.length);
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!;
      if (byte === NEWLINE) this.#endLine();
      else if (byte === MARK) this.#mark();
      else {
        if ((this.#marks & 1) === 1) this.#count(byte);
        if (this.#marks === this.#added) continue;
        if (this.#end - this.#start < LINE_BYTES_MAX) this.#out[this.#end++] = byte;
        else this.#cut = true;
      }
    }
    return this.#out.subarray(0, this.#start);
  }

  reset(): void {
    this.#end = this.#start;
    this.#begin();
  }

  /** Moves the line at hand to the front. What comes out is no longer than what comes in: for the mark of a cut line two others go. */
  #makeRoom(bytes: number): void {
    const held = this.#out.subarray(this.#start, this.#end);
    if (held.length + bytes + 1 > this.#out.length) {
      this.#out = Buffer.allocUnsafe(2 * (held.length + bytes + 1));
      this.#out.set(held);
    } else this.#out.set(held);
    this.#start = 0;
    this.#end = held.length;
  }

  #count(byte: number): void {
    if (this.#digits > 0) this.#digits--;
    else if (this.#escaped) {
      this.#escaped = false;
      this.#digits = byte === X ? 2 : byte === U ? 4 : 0;
    } else {
      this.#bytes++;
      this.#escaped = byte === BACKSLASH;
    }
  }

  #mark(): void {
    if (
      (this.#marks & 1) === 1 &&
      this.#bytes + this.#besides[this.#marks >> 1]! === this.recordBytesMax
    )
      this.#cut = true;
    this.#marks++;
    this.#bytes = this.#digits = 0;
    this.#escaped = false;
  }

  #endLine(): void {
    if (this.#cut) {
      this.cut++;
      this.#out[this.#end++] = MARK;
    }
    this.#out[this.#end++] = NEWLINE;
    this.#start = this.#end;
    this.#begin();
  }

  #begin(): void {
    this.#marks = this.#bytes = this.#digits = 0;
    this.#escaped = this.#cut = false;
  }
}

const NEWLINE = 0x0a;
const BACKSLASH = 0x5c;
const X = 0x78;
const U = 0x75;
/** What the file spout takes for a line, too. */
const LINE_BYTES_MAX = 1024 * 1024;
