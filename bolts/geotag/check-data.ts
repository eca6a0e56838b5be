/**
 * Checks the data section of a MaxMind DB file as MaxMind's own `mmdbverify` does, because readers
 * decode damaged values without a word.
 *
 * Format: https://maxmind.github.io/MaxMind-DB/. The section is values one behind the other, and a map
 * or list lies before what is in it, so one pass from control byte to control byte sees all of them.
 *
 * @module
 */
import { isUtf8 } from 'node:buffer';

const EXTENDED = 0;
const POINTER = 1;
const UTF8 = 2;
const BOOLEAN = 14;
/** Payload bytes by type; undefined: any. A map's, list's or boolean's size is no bytes. */
const SIZES: readonly (readonly [name: string, least: number, most: number] | undefined)[] = [
  undefined,
  undefined,
  ['text', 0, Infinity],
  ['double', 8, 8],
  ['bytes', 0, Infinity],
  ['uint16', 0, 2],
  ['uint32', 0, 4],
  ['map', 0, Infinity],
  ['int32', 0, 4],
  ['uint64', 0, 8],
  ['uint128', 0, 16],
  ['list', 0, Infinity],
  undefined,
  undefined,
  ['boolean', 0, 1],
  ['float', 4, 4],
];
const WITHOUT_PAYLOAD: ReadonlySet<number> = new Set([7, 11, BOOLEAN]);

/** @throws Error that says what is wrong, and at which byte of the section */
export function checkData(data: Buffer): void {
  for (let at = 0; at < data.length;) {
    const start = at;
    const broken = (what: string): Error =>
      new Error(`its data is broken: ${what} at byte ${start}`);
    const control = data[at++];
    let type = control >> 5;
    if (type === POINTER) {
      at += ((control >> 3) & 3) + 1;
      if (pointerTo(data, start) >= data.length) throw broken('a pointer to nowhere');
      continue;
    }
    if (type === EXTENDED) type = 7 + data[at++];
    const known = SIZES[type];
    if (known === undefined) throw broken('an unknown type');
    let size = control & 31;
    if (size > 28) {
      const width = size - 28;
      if (at + width > data.length) throw broken('a value cut short');
      size = [29, 285, 65_821][width - 1]! + data.readUIntBE(at, width);
      at += width;
    }
    const [name, least, most] = known;
    if (size < least || size > most) throw broken(`a ${name} of ${size} bytes`);
    if (WITHOUT_PAYLOAD.has(type)) continue;
    at += size;
    if (at > data.length) throw broken(`a ${name} cut short`);
    if (type === UTF8 && !isUtf8(data.subarray(at - size, at)))
      throw broken('a text that is not UTF-8');
  }
}

/** Two bits of the control byte tell the width; 3 bits of it are the value's first but for the widest. */
function pointerTo(data: Buffer, at: number): number {
  const width = ((data[at] >> 3) & 3) + 1;
  if (at + width >= data.length) return Infinity;
  const value = data.readUIntBE(at + 1, width);
  return width === 4
    ? value
    : (data[at] & 7) * 256 ** width + value + [0, 2_048, 526_336][width - 1]!;
}
