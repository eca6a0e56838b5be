/**
 * Countries by address, from a MaxMind DB file.
 *
 * The file is read and checked once, at open. IPv4 goes into sorted ranges with a table of where
 * each /16 begins: most look-ups compare a few neighbours in memory. IPv6 walks the search tree.
 *
 * @module
 */
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
  /** Where each run of IPv4 addresses with one country starts, ascending from 0, and its number. */
  readonly #starts: Uint32Array;
  readonly #numbers: Uint16Array;
  /** The run that the first address of each /16 lies in; one more, so that the last /16 has an end. */
  readonly #blocks = new Uint32Array(65_537);

  constructor(tree: SearchTree, codes: readonly string[]) {
    const starts: number[] = [];
    const numbers: number[] = [];
    tree.eachV4((start, number) => {
      if (numbers.at(-1) === number) return;
      starts.push(start);
      numbers.push(number);
    });
    this.#tree = tree;
    this.#codes = codes;
    this.#starts = Uint32Array.from(starts);
    this.#numbers = Uint16Array.from(numbers);
    for (let block = 0, run = 0; block < 65_537; block++) {
      while (run + 1 < starts.length && starts[run + 1]! <= block * 65_536) run++;
      this.#blocks[block] = run;
    }
  }

  /** The ISO 3166 code for the address in bytes [start, end), in any spelling; `--` when unknown or no address. */
  countryOf(bytes: Uint8Array, start: number, end: number): string {
    const family = parseAddress(bytes, start, end);
    if (family === 0) return COUNTRY_UNKNOWN;
    return this.#codes[family === 4 ? this.#findV4(address.v4) : this.#tree.findV6()]!;
  }

  #findV4(ip: number): number {
    let low = this.#blocks[ip >>> 16];
    let high = this.#blocks[(ip >>> 16) + 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#starts[middle] <= ip) low = middle;
      else high = middle - 1;
    }
    return this.#numbers[low];
  }
}

/**
 * Opens a MaxMind DB file of countries: GeoLite2 or GeoIP2 Country or City, or one with a flat `country_code`.
 *
 * @throws Error that names the file and what is wrong with it
 */
export async function openCountryDatabase(path: string): Promise<CountryDatabase> {
  try {
    return load(await readFile(path));
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new Error(`The geo database ${path} cannot be used: ${what}.`, { cause: error });
  }
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
