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
  /** The mark at whose place the URL that was added begins; -1 for none. */
  readonly #added: number;
  #out = Buffer.allocUnsafe(0);
  /** Bytes of the line at hand. */
  #held = 0;
  /** Marks that were seen in it; odd within a value. */
  #marks = 0;
  /** Where in it the value begins. */
  #value = 0;
  /** What the escapes of the value have more than the bytes that they stand for. */
  #extra = 0;
  /** The next byte is what a backslash escapes. */
  #escaped = false;
  #isCut = false;
  /** Where the line at hand ends in `out`: what lies before it is the caller's until the next call. */
  #end = 0;

  constructor(format: NcsaFormat, recordBytesMax: number) {
    this.#besides = format.besides;
    this.#added = 2 * format.added;
    this.recordBytesMax = recordBytesMax;
  }

  take(bytes: Uint8Array): Uint8Array {
    const out = this.#roomFor(bytes.length);
    let start = 0;
    let end = this.#held;
    let escaped = this.#escaped;
    // A plain byte is only copied, 1-2 ns. Native searches for what is special halve that, but take 100 ns for each
    // escape, and clients may send thousands of those.
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!;
      if (escaped) {
        escaped = false;
        this.#extra += byte === X ? 3 : byte === U ? 5 : 1;
        out[end++] = byte;
      } else if (byte === MARK) end = start + this.#mark(end - start);
      else if (byte === NEWLINE) {
        start = end = this.#endLine(end);
      } else {
        // Elsewhere it is the format's own.
        escaped = byte === BACKSLASH && (this.#marks & 1) === 1;
        out[end++] = byte;
      }
    }
    this.#escaped = escaped;
    this.#held = end - start;
    this.#end = end;
    return out.subarray(0, start);
  }

  reset(): void {
    this.#held = 0;
    this.#escaped = false;
    this.#beginLine();
  }

  /** Moves the line at hand to the front. What comes out is no longer than what comes in: for the mark of a cut line two others go. */
  #roomFor(bytes: number): Buffer {
    const held = this.#out.subarray(this.#end - this.#held, this.#end);
    const size = held.length + bytes + 1;
    if (size > this.#out.length) this.#out = Buffer.allocUnsafe(2 * size);
    this.#out.set(held);
    if (this.#held > LINE_BYTES_MAX) {
      this.#held = LINE_BYTES_MAX;
      this.#isCut = true;
    }
    return this.#out;
  }

  /** A value begins or ends at `at` of the line; returns how much of the line stays. */
  #mark(at: number): number {
    const mark = this.#marks++;
    const begins = (mark & 1) === 0;
    const length = at - this.#value - this.#extra + this.#besides[mark >> 1]!;
    if (!begins && length === this.recordBytesMax) this.#isCut = true;
    const stays = !begins && mark - 1 === this.#added ? this.#value : at;
    this.#value = at;
    this.#extra = 0;
    return stays;
  }

  /** Ends the line at `end` of `out`; returns where the next one begins. */
  #endLine(end: number): number {
    let next = end;
    if (this.#isCut) {
      this.cut++;
      this.#out[next++] = MARK;
    }
    this.#out[next++] = NEWLINE;
    this.#beginLine();
    return next;
  }

  #beginLine(): void {
    this.#marks = this.#value = this.#extra = 0;
    this.#isCut = false;
  }
}

const NEWLINE = 0x0a;
const BACKSLASH = 0x5c;
const X = 0x78;
const U = 0x75;
/** What the file spout takes for a line, too. */
const LINE_BYTES_MAX = 1024 * 1024;
