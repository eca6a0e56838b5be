/**
 * Countries by address, from a MaxMind DB file.
 *
 * The file is read and checked once, at open. IPv4 goes into a table of all /16s, most of which have
 * one country, and sorted runs for the others: what a look-up costs is cache misses, and most have
 * one. IPv6 walks the search tree.
 *
 * @module
 */
import { accessSync, constants } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Reader } from 'maxmind';
import { address, formatAddress, parseAddress } from '../../topology/rows/address.js';
import { checkData } from './check-data.js';
import { SEPARATOR_BYTES, SearchTree } from './search-tree.js';

/** What stands for a country that is not known. */
export const COUNTRY_UNKNOWN = '--';

export class CountryDatabase {
  /** By number, 0 is unknown. */
  readonly #codes: readonly string[];
  readonly #tree: SearchTree;
  /** By /16: its number when it has one country, else minus the place of its first run. */
  readonly #blocks = new Int32Array(BLOCKS);
  /**
   * Runs of addresses with one country, after each other for each /16 that has several, behind their
   * count: in the high 16 bits where a run starts within its /16, in the low ones its number.
   */
  readonly #runs: Uint32Array;

  constructor(tree: SearchTree, codes: readonly string[]) {
    const runs: number[] = [];
    let block = 0;
    let own: number[] = [];
    let last = 0;
    const finishTo = (end: number): void => {
      for (; block < end; block++) {
        if (own.length > 1) runs.push(own.length, ...own);
        this.#blocks[block] = own.length > 1 ? own.length - runs.length : last;
        own = [last];
      }
    };
    tree.eachV4((start, number) => {
      if (start > 0 && number === last) return;
      finishTo(Math.floor(start / BLOCKS));
      const low = start % BLOCKS;
      if (low === 0) own = [];
      own.push(low * 65_536 + number);
      last = number;
    });
    finishTo(BLOCKS);
    this.#tree = tree;
    this.#codes = codes;
    this.#runs = Uint32Array.from(runs);
  }

  /** The ISO 3166 code for the address in bytes [start, end), in any spelling; `--` when unknown or no address. */
  countryOf(bytes: Uint8Array, start: number, end: number): string {
    const family = parseAddress(bytes, start, end);
    if (family === 0) return COUNTRY_UNKNOWN;
    return this.#codes[family === 4 ? this.#findV4(address.v4) : this.#tree.findV6()]!;
  }

  #findV4(ip: number): number {
    const block = this.#blocks[ip >>> 16];
    if (block >= 0) return block;
    let low = -block;
    let high = low + this.#runs[low - 1] - 1;
    // Above every run that starts at this address or before.
    const after = ((ip << 16) | 0xffff) >>> 0;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#runs[middle] <= after) low = middle;
      else high = middle - 1;
    }
    return this.#runs[low] & 0xffff;
  }
}

/** /16 networks, and addresses in each. */
const BLOCKS = 65_536;

/**
 * Opens a MaxMind DB file of countries: GeoLite2 or GeoIP2 Country or City, or one with a flat `country_code`.
 *
 * @throws Error that names the file and what is wrong with it
 */
export async function openCountryDatabase(path: string): Promise<CountryDatabase> {
  try {
    return load(await readFile(path));
  } catch (error) {
    throw unusable(path, error);
  }
}

/** @throws Error that names the file when there is none, or none that may be read */
export function refuseUnreadable(path: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    throw unusable(path, error);
  }
}

function unusable(path: string, error: unknown): Error {
  const what = error instanceof Error ? error.message : String(error);
  return new Error(`The geo database ${path} cannot be used: ${what}.`, { cause: error });
}

function load(file: Buffer): CountryDatabase {
  const reader = read(file);
  const { nodeCount, recordSize, ipVersion, searchTreeSize, databaseType } = reader.metadata;
  const dataStart = searchTreeSize + SEPARATOR_BYTES;
  const dataEnd = file.lastIndexOf(METADATA_MARKER);
  if (!(nodeCount > 0 && dataStart <= dataEnd)) throw new Error('it is cut short');
  const data = file.subarray(dataStart, dataEnd);
  const tree = new SearchTree(file, { nodeCount, recordSize, ipVersion, dataBytes: data.length });

  const numbers = new Map([[COUNTRY_UNKNOWN, 0]]);
  const text = Buffer.alloc(64);
  checkData(data);
  tree.resolve(() => {
    const code = countryIn(
      reader.get(text.latin1Slice(0, formatAddress(ipVersion === 4 ? 4 : 6, text, 0))),
    );
    const number = numbers.get(code) ?? numbers.size;
    numbers.set(code, number);
    return number;
  });
  if (numbers.size === 1) {
    throw new Error(
      `it knows no countries, it is of type "${databaseType}"; use a Country or City database`,
    );
  }
  return new CountryDatabase(tree, [...numbers.keys()]);
}

const METADATA_MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');

function read(file: Buffer): Reader<object> {
  if (file.lastIndexOf(METADATA_MARKER) < 0)
    throw new Error('it is no MaxMind DB file (.mmdb, not compressed)');
  try {
    return new Reader<never>(file, { cache: decoded() });
  } catch (error) {
    throw new Error('its metadata cannot be read', { cause: error });
  }
}

/** Records share their parts (City: names of countries): a bounded cache spares decoding them anew. */
function decoded(): { get(key: number): unknown; set(key: number, value: unknown): void } {
  const parts = new Map<unknown, unknown>();
  return {
    get: (key) => parts.get(key),
    set(key, value) {
      if (parts.size > 10_000) parts.clear();
      parts.set(key, value);
    },
  };
}

/** Only two capital letters are a code. */
function countryIn(record: object | null): string {
  const { country, country_code } = (record ?? {}) as {
    country?: { iso_code?: unknown };
    country_code?: unknown;
  };
  const code = country?.iso_code ?? country_code;
  return typeof code === 'string' && /^[A-Z]{2}$/.test(code) ? code : COUNTRY_UNKNOWN;
}
