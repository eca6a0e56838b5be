/**
 * The search tree of a MaxMind DB file: a binary trie over the bits of addresses.
 *
 * Format: https://maxmind.github.io/MaxMind-DB/. A node is two records (bit 0, bit 1) of 24, 28 or
 * 32 bits; a record is another node, `nodeCount` for "unknown", or a place in the data section. IPv4
 * addresses lie under 96 zero bits. Here all records are unpacked into one array, so that a step of a
 * look-up is one read, and each place in the data is replaced by the number of what is found there.
 *
 * @module
 */
import { address } from '../../topology/rows/address.js';

export interface TreeFormat {
  readonly nodeCount: number;
  /** Bits: 24, 28 or 32. */
  readonly recordSize: number;
  readonly ipVersion: number;
  /** Bytes of the data section. */
  readonly dataBytes: number;
}

/** Between the tree and the data. */
export const SEPARATOR_BYTES = 16;

/** After `resolve`, a record r is a node (r < nodeCount) or the value numbered r - nodeCount; 0 is unknown. */
export class SearchTree {
  readonly nodeCount: number;
  readonly #records: Uint32Array;
  readonly #format: TreeFormat;
  /** Where the IPv4 addresses begin. */
  readonly #v4Root: number;

  constructor(file: Buffer, format: TreeFormat) {
    this.nodeCount = format.nodeCount;
    this.#format = format;
    this.#records = unpacked(file, format);
    this.#v4Root = format.ipVersion === 4 ? 0 : this.#descend(96);
  }

  /**
   * Visits every record once and checks it, and replaces data by numbers.
   *
   * @param numberOf called once per place in the data, when `address` (`v4` in an IPv4 file, else `v6`) is an address that leads there
   * @throws Error that says what is wrong with the tree
   */
  resolve(numberOf: () => number): void {
    const { nodeCount, ipVersion, dataBytes } = this.#format;
    const records = this.#records;
    const bits = ipVersion === 4 ? 32 : 128;
    const state = new Uint8Array(nodeCount);
    const numbers = new Map<number, number>();
    const dataEnd = nodeCount + SEPARATOR_BYTES + dataBytes;

    const resolved = (record: number): number => {
      if (record === nodeCount) return record;
      let number = numbers.get(record);
      if (number === undefined) {
        if (record < nodeCount + SEPARATOR_BYTES || record >= dataEnd)
          throw broken('points outside the data');
        numbers.set(record, (number = nodeCount + numberOf()));
      }
      return number;
    };
    // At most 128 deep.
    const visit = (node: number, depth: number): void => {
      if (depth === bits) throw broken(`is deeper than the ${bits} bits of an address`);
      state[node] = OPEN;
      for (let bit = 0; bit < 2; bit++) {
        setBit(bits, depth, bit);
        const record = records[2 * node + bit];
        if (record >= nodeCount) records[2 * node + bit] = resolved(record);
        else if (state[record] === OPEN) throw broken('runs in a circle');
        // MaxMind's files lead to IPv4 on several ways (::ffff:0:0/96, 2002::/16).
        else if (state[record] !== DONE) visit(record, depth + 1);
      }
      setBit(bits, depth, 0);
      state[node] = DONE;
    };
    address.v4 = 0;
    address.v6.fill(0);
    visit(0, 0);
  }

  /** Calls `range` with the start of each run of IPv4 addresses and its number, in order. */
  eachV4(range: (start: number, number: number) => void): void {
    const visit = (record: number, start: number, size: number): void => {
      if (record >= this.nodeCount) return range(start, record - this.nodeCount);
      visit(this.#records[2 * record], start, size / 2);
      visit(this.#records[2 * record + 1], start + size / 2, size / 2);
    };
    visit(this.#v4Root, 0, 2 ** 32);
  }

  /** The number for the address in `address.v6`. */
  findV6(): number {
    if (this.#format.ipVersion === 4) return 0;
    const { v6 } = address;
    let record = 0;
    for (let depth = 0; record < this.nodeCount; depth++) {
      record = this.#records[2 * record + ((v6[depth >> 5] >>> (31 - (depth & 31))) & 1)];
    }
    return record - this.nodeCount;
  }

  #descend(zeros: number): number {
    let record = 0;
    for (let depth = 0; depth < zeros && record < this.nodeCount; depth++)
      record = this.#records[2 * record];
    return record;
  }
}

const OPEN = 1;
const DONE = 2;

const broken = (what: string): Error => new Error(`its search tree is broken: it ${what}`);

function setBit(bits: number, depth: number, bit: number): void {
  const mask = 1 << (31 - (depth & 31));
  if (bits === 32) address.v4 = (bit === 1 ? address.v4 | mask : address.v4 & ~mask) >>> 0;
  else
    address.v6[depth >> 5] =
      bit === 1 ? address.v6[depth >> 5] | mask : address.v6[depth >> 5] & ~mask;
}

function unpacked(file: Buffer, { nodeCount, recordSize }: TreeFormat): Uint32Array {
  const records = new Uint32Array(2 * nodeCount);
  const nodeBytes = recordSize / 4;
  for (let i = 0, at = 0; i < records.length; i += 2, at += nodeBytes) {
    const left = (file[at] << 16) | (file[at + 1] << 8) | file[at + 2];
    if (recordSize === 24) {
      records[i] = left;
      records[i + 1] = (file[at + 3] << 16) | (file[at + 4] << 8) | file[at + 5];
    } else if (recordSize === 28) {
      const right = (file[at + 4] << 16) | (file[at + 5] << 8) | file[at + 6];
      records[i] = ((file[at + 3] & 0xf0) << 20) | left;
      records[i + 1] = ((file[at + 3] & 0x0f) << 24) | right;
    } else {
      records[i] = (left << 8) | file[at + 3];
      records[i + 1] =
        (file[at + 4] << 24) | (file[at + 5] << 16) | (file[at + 6] << 8) | file[at + 7];
    }
  }
  return records;
}
