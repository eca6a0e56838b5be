/**
 * Writes access-log lines as Wikimedia's caches did in 2013: udp2log's 16 columns, tabs between.
 *
 * Line i depends on the seed and on i alone. Each cache host counts its lines without a gap. Some
 * ten thousand visitors come again and again, each with one address, agent and language.
 * Prebuilt pieces are copied and numbers written digit by digit: 0.6 µs a line.
 *
 * @module
 */
import { writeAddress } from './address.js';
import { AGENTS, FIRST_TOOL } from './agents.js';
import { Fragments, weighted } from './fragments.js';
import { LANGUAGE_HEADERS, pageColumns, referer } from './pages.js';
import { Random } from './random.js';

/** When line 0 was logged. */
const FIRST_LINE_MS = Date.UTC(2013, 0, 10);

/** How fast the times of the lines go on unless a rate is given. */
export const LINES_PER_SECOND = 5000;

const VISITORS = 20_000;
const PAGES = 4096;
const REFERERS = 2048;

const HOSTS = [
  ...Array.from({ length: 20 }, (_, i) => `cp${1001 + i}.eqiad.wmnet`),
  ...Array.from({ length: 16 }, (_, i) => `amssq${31 + i}.esams.wikimedia.org`),
  ...Array.from({ length: 17 }, (_, i) => `sq${41 + i}.wikimedia.org`),
];

const CACHE_STATUS = weighted({
  'hit/200': 120,
  'miss/200': 50,
  'hit/304': 30,
  'pass/200': 16,
  'hit/301': 10,
  'miss/302': 10,
  'miss/404': 12,
  'hit/206': 4,
  'pass/503': 2,
  '-/000': 1,
  'miss/403': 1,
});
const ANALYTICS = weighted({ '-': 16, 'mf-m=b': 2, 'zero=250-99': 1, 'zero=410-01;mf-m=a': 1 });

export class LineWriter {
  /** No line takes more bytes. */
  readonly lineBytesMax: number;
  readonly #seed: number;
  readonly #lineMs: number;
  readonly #line = new Random();
  readonly #visitor = new Random();
  readonly #hosts = new Fragments(HOSTS);
  readonly #statuses = new Fragments(CACHE_STATUS.map(column));
  readonly #analytics = new Fragments(ANALYTICS);
  readonly #agents = new Fragments(AGENTS);
  readonly #languages = new Fragments(LANGUAGE_HEADERS.map(column));
  readonly #pages: Fragments;
  readonly #referers: Fragments;
  #second = NaN;
  readonly #secondText = Buffer.alloc(20);

  /** @param linesPerSecond how fast the times of the lines go on */
  constructor(seed: number, linesPerSecond: number) {
    this.#seed = seed;
    this.#lineMs = 1000 / linesPerSecond;
    const random = new Random();
    random.start(seed, -1);
    this.#pages = new Fragments(Array.from({ length: PAGES }, () => `\t${pageColumns(random)}\t`));
    this.#referers = new Fragments([
      '-\t',
      ...Array.from({ length: REFERERS }, () => `${referer(random)}\t`),
    ]);
    const longest = [
      this.#hosts,
      this.#statuses,
      this.#analytics,
      this.#agents,
      this.#languages,
      this.#pages,
      this.#referers,
    ];
    this.lineBytesMax =
      NUMBERS_BYTES_MAX + longest.reduce((sum, fragments) => sum + fragments.longest, 0);
  }

  /**
   * Writes line `i`, without a line end, and returns where it ends.
   *
   * @param view of the same memory as `bytes`; from `at` on `lineBytesMax` bytes may be written
   */
  write(i: number, bytes: Uint8Array, view: DataView, at: number): number {
    const line = this.#line;
    const visitor = this.#visitor;
    line.start(this.#seed, i);
    visitor.start(this.#seed ^ VISITOR_SEED, line.skewed(VISITORS));
    const block = Math.floor(i / HOSTS.length);
    // 20 and 53 have no common factor, so each host comes once in a block.
    const host = ((i - block * HOSTS.length) * 20 + block) % HOSTS.length;
    at = this.#hosts.write(host, view, at);
    bytes[at++] = TAB;
    at = writeNumber(bytes, at, (100_000 * host + block) % 2 ** 31, 1);
    bytes[at++] = TAB;
    at = this.#writeTime(FIRST_LINE_MS + Math.floor(i * this.#lineMs), bytes, at);
    bytes[at++] = TAB;
    bytes[at++] = ZERO;
    bytes[at++] = DOT;
    at = writeNumber(bytes, at, line.skewed(900_000_000), 9);
    bytes[at++] = TAB;
    at = writeAddress(visitor, bytes, at);
    at = this.#statuses.write(line.below(this.#statuses.count), view, at);
    at = writeNumber(bytes, at, 300 + line.skewed(200_000), 1);
    at = this.#pages.write(line.skewed(PAGES), view, at);
    const agent = visitor.skewed(AGENTS.length);
    const isTool = agent >= FIRST_TOOL;
    at = this.#referers.write(isTool ? 0 : line.below(this.#referers.count), view, at);
    // One in 16 comes through a proxy.
    if (visitor.below(16) === 0) at = writeAddress(visitor, bytes, at);
    else bytes[at++] = DASH;
    bytes[at++] = TAB;
    at = this.#agents.write(agent, view, at);
    at = this.#languages.write(
      isTool ? NO_LANGUAGE : visitor.skewed(this.#languages.count),
      view,
      at,
    );
    return this.#analytics.write(line.below(this.#analytics.count), view, at);
  }

  /** As 2013-01-10T05:06:07.123. The text is the same for all of a second. */
  #writeTime(ms: number, bytes: Uint8Array, at: number): number {
    const second = Math.floor(ms / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#secondText.write(new Date(second * 1000).toISOString().slice(0, 20), 'latin1');
    }
    for (let i = 0; i < 20; i++) bytes[at++] = this.#secondText[i]!;
    return writeNumber(bytes, at, ms - second * 1000, 3);
  }
}

/** A whole number in [0, 2^31), in at least `digits` digits. */
function writeNumber(to: Uint8Array, at: number, value: number, digits: number): number {
  for (let power = 10 ** digits; value >= power; power *= 10) digits++;
  let rest = value | 0;
  for (let i = at + digits - 1; i >= at; i--) {
    const tenth = (rest / 10) | 0;
    to[i] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
  return at + digits;
}

function column(text: string): string {
  return `\t${text}\t`;
}

/** Sequence, time, time to the first byte, two addresses and a size, with their tabs. */
const NUMBERS_BYTES_MAX = 160;
/** Tells the numbers of visitor n from those of line n. */
const VISITOR_SEED = 0x51ab7c3d;
const NO_LANGUAGE = LANGUAGE_HEADERS.indexOf('-');
const TAB = 9;
const DASH = 45;
const DOT = 46;
const ZERO = 48;
