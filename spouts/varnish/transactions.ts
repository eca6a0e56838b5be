/**
 * Client requests in the text of `varnishlog -g request`:
 *
 *     *   << Request  >> 32770
 *     -   Begin          req 32769 rxreq
 *     -   ReqURL         /event.gif
 *     **  << Request  >> 32771
 *     --  Begin          req 32770 restart
 *     (an empty line)
 *
 * A request becomes a line of JSON, `{"vxid","dt","incomplete","cut","tags"}`. What Varnish logged of it after a restart
 * of its VCL is part of it; backend requests and ESI fragments are none of the client's, and left out.
 *
 * @module
 */

/** All of a request but its tags, which stand last. */
export interface RequestHead {
  readonly vxid: number;
  readonly dt: number | null;
  readonly incomplete: boolean;
  readonly cut: readonly string[];
}

/** Behind the head. */
export const TAGS = ',"tags":';

interface Draft {
  readonly vxid: number;
  dt: number | null;
  incomplete: boolean;
  readonly cut: string[];
  readonly tags: [tag: string, value: string][];
}

export class Transactions {
  recordBytesMax: number;
  /** Requests that ended with something cut. */
  cut = 0;
  #request: Draft | null = null;
  /** Bytes of its values. */
  #bytes = 0;
  /** The transaction that has begun, until its first record says what it is. */
  #begun: number | null = null;
  /** Whether records belong to the request. */
  #within = false;

  constructor(recordBytesMax: number) {
    this.recordBytesMax = recordBytesMax;
  }

  /** Takes a line, a character per byte; returns the request that ended before it, as a line without its newline. */
  line(text: string): string | undefined {
    if (text === '') return this.end();
    const header = HEADER.exec(text);
    if (header !== null) {
      this.#begun = header[1] === 'Request' ? Number(header[2]) : null;
      this.#within = false;
      return undefined;
    }
    const [, indented, tag] = RECORD.exec(text) ?? [];
    if (tag === undefined) return undefined;
    // The tag takes 14 columns, or more if it is longer.
    const value = text.slice(indented!.length + Math.max(15, tag.length + 1));
    const ended = this.#begun === null ? undefined : this.#begin(this.#begun, tag, value);
    if (this.#within) this.#add(tag, value);
    return ended;
  }

  /** The request at hand is whole. */
  end(): string | undefined {
    const request = this.#request;
    this.forget();
    if (request === null) return undefined;
    if (request.cut.length > 0) this.cut++;
    return JSON.stringify(request);
  }

  /** The request at hand will not be whole. */
  forget(): void {
    this.#request = this.#begun = null;
    this.#within = false;
  }

  #begin(vxid: number, tag: string, value: string): string | undefined {
    const reason = tag === 'Begin' ? value.split(' ')[2] : undefined;
    const first = this.#request === null;
    this.#begun = null;
    this.#within = first || reason !== 'esi';
    if (!first && (reason === 'restart' || reason === 'esi')) return undefined;
    const ended = this.end();
    this.#request = { vxid, dt: null, incomplete: false, cut: [], tags: [] };
    this.#within = true;
    this.#bytes = 0;
    return ended;
  }

  #add(tag: string, value: string): void {
    const request = this.#request!;
    this.#bytes += value.length;
    // Of Varnish's client library: it gave the transaction up before its end.
    if (tag === 'VSL' || this.#bytes > REQUEST_BYTES_MAX) request.incomplete = true;
    if (this.#bytes > REQUEST_BYTES_MAX) return;
    if (tag === 'Timestamp') request.dt ??= startMs(value);
    if (value.length === this.recordBytesMax && !request.cut.includes(tag)) request.cut.push(tag);
    request.tags.push([tag, utf8(value)]);
  }
}

function startMs(value: string): number | null {
  const seconds = /^Start: (\d+\.\d+) /.exec(value)?.[1];
  return seconds === undefined ? null : Math.floor(Number(seconds) * 1000);
}

const utf8 = (value: string): string =>
  /[\x80-\xff]/.test(value) ? Buffer.from(value, 'latin1').toString('utf8') : value;

/** Whether it is a line of varnishlog's that is grouped: any but `-g raw`. */
export const isGrouped = (line: string): boolean => HEADER.test(line) || RECORD.test(line);

const HEADER = /^\*\S* +<< (\w+) *>> (\d+)/;
const RECORD = /^(-\S* +)(\w+)/;
/** Far more than the headers that Varnish takes; a request that streams for days still ends somewhere. */
const REQUEST_BYTES_MAX = 1024 * 1024;
