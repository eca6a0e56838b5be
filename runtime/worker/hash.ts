/**
 * Hashes the fields that rows are grouped by. Equal values hash equally whatever form they are in
 * (undecoded, string, sealed), and on every worker.
 *
 * @module
 */
import { viewOf } from '../../topology/rows/base.js';
import { perLayout, type Layout, type Place } from '../../topology/rows/access.js';
import { bytesOf, endOf, revealValue, startOf } from '../../topology/rows/reveal.js';
import { Pii } from '../../topology/rows/pii.js';
import { Text } from '../../topology/rows/text.js';

/** A 32-bit unsigned hash of `fields` of a row. */
export function hashBy(fields: readonly string[]): (row: object) => number {
  const find = perLayout((layout) => {
    const parts = fields.map((name) =>
      partOf(
        layout,
        layout.fields.find((place) => place.name === name)!,
      ),
    );
    return (row: object): number => {
      let hash = SEED;
      for (const part of parts) hash = part(row, hash);
      return finish(hash);
    };
  });
  return (row) => find(row)(row);
}

function partOf(layout: Layout, { place, index }: Place): (row: object, hash: number) => number {
  const { baseOf } = layout;
  if (place === 'slot') {
    const slot = layout.slotOf(index);
    return (row, hash) => mixValue(hash, slot(row));
  }
  if (place === 'number') {
    return (row, hash) => {
      const base = baseOf(row);
      return mixNumber(hash, base.numbers[base.numberAt + index]!);
    };
  }
  return (row, hash) => {
    const { spans, spanAt, origin, view } = baseOf(row);
    const start = spans[spanAt + 2 * index]!;
    return start < 0
      ? mix(hash, NULL)
      : mixBytes(hash, view, start + origin, spans[spanAt + 2 * index + 1]! + origin);
  };
}

const SEED = 0x9747b28c | 0;
const NULL = 0x5bd1e995;

function mixValue(hash: number, value: unknown): number {
  if (value === null) return mix(hash, NULL);
  if (typeof value === 'string') return mixUtf8(hash, Buffer.from(value));
  if (typeof value === 'number' || typeof value === 'boolean')
    return mixNumber(hash, Number(value));
  if (value instanceof Uint8Array) return mixUtf8(hash, value);
  if (value instanceof Pii && revealValue(value) !== undefined)
    return mixNumber(hash, Number(revealValue(value)));
  const text = value as Text | Pii;
  return mixBytes(hash, viewOf(bytesOf(text)), startOf(text), endOf(text));
}

const mixUtf8 = (hash: number, bytes: Uint8Array): number =>
  mixBytes(hash, viewOf(bytes), 0, bytes.length);

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);

function mixNumber(hash: number, value: number): number {
  if (Number.isNaN(value)) return mix(hash, NULL);
  double[0] = value + 0; // -0 is 0
  return mix(mix(hash, halves[0]!), halves[1]!);
}

/** MurmurHash3's mixing (Appleby, public domain), four bytes at a time. */
function mixBytes(hash: number, view: DataView, start: number, end: number): number {
  let at = start;
  for (; at + 4 <= end; at += 4) hash = mix(hash, view.getInt32(at, true));
  let tail = end - start;
  for (; at < end; at++) tail = (tail << 8) | view.getUint8(at);
  return mix(hash, tail);
}

function mix(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const h = hash ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
