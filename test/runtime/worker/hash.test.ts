import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hashBy } from '../../../runtime/worker/hash.js';
import { arena } from '../../../topology/rows/arena.js';
import { Base } from '../../../topology/rows/base.js';
import { emitter } from '../../../topology/rows/emitter.js';
import { bytes, flag, int, nullable, pii, text, time } from '../../../topology/rows/field.js';
import { headBytes, readImage, Slab } from '../../../topology/rows/image.js';
import { baseLayout, layoutOf } from '../../../topology/rows/layout.js';
import { seal } from '../../../topology/rows/pii.js';
import { extend, placesOf, schema } from '../../../topology/rows/schema.js';

const Keyed = schema('keyed', {
  host: text(),
  note: nullable(text()),
  status: int(),
  size: nullable(int()),
  cached: flag(),
  at: time(),
  raw: bytes(),
  ip: pii('ip'),
  user: nullable(pii('user_id', int())),
});
const FIELDS = Object.keys(Keyed.fields);

const values = fc.record({
  host: fc.string({ unit: 'grapheme', maxLength: 20 }),
  note: fc.option(fc.string({ unit: 'grapheme', maxLength: 20 })),
  status: fc.oneof(fc.maxSafeInteger(), fc.constant(-0)),
  size: fc.option(fc.nat()),
  cached: fc.boolean(),
  at: fc.nat(),
  raw: fc.uint8Array({ maxLength: 20 }),
  ip: fc.string({ maxLength: 20 }),
  user: fc.option(fc.nat()),
});
type Values = typeof values extends fc.Arbitrary<infer T> ? T : never;

const sealed = (given: Values): object => ({
  ...given,
  ip: seal('ip', given.ip),
  user: given.user === null ? null : seal('user_id', given.user),
});

/** Calls `look` with rows that hold `given` in every form that rows come in. */
function inEveryForm(given: Values, look: (row: object, form: string) => void): void {
  const strings = emitter('strings', Keyed, (row) => {
    look(row, 'strings in slots');
    const kept = (row as { keep(): object }).keep();
    look(kept, 'kept: all in bytes');
    look(arrived(kept), 'off a wire');
    texts.from(kept, {
      host: undecoded(given.host),
      ip: sealedInArena(given.ip),
      status: given.status,
      cached: given.cached,
      raw: given.raw,
    });
  });
  const texts = emitter('texts', Keyed, (row) => look(row, 'texts in slots'));
  strings(sealed(given));
}

function inArena(text: string): [number, number] {
  const start = arena.reserve(3 * text.length);
  return [start, start + arena.bytes.write(text, start)];
}
const undecoded = (text: string): object => arena.take(...inArena(text));
const sealedInArena = (text: string): object => arena.seal('ip', ...inArena(text));

function arrived(row: object): object {
  const writer = layoutOf(row)!.imageWriter(Keyed);
  const slab = new Slab(24 + writer.size(row));
  const end = writer.write(row, slab, 24);
  const { spans, numbers } = placesOf(Keyed);
  const base = new Base(Buffer.alloc(0), new Int32Array(2 * spans.length), new Float64Array(0));
  readImage(base, slab, 24, end, numbers.length, headBytes(Keyed));
  return new (baseLayout(Keyed).Row)(base, base.generation);
}

describe('hashBy', () => {
  test('gives the same for equal values, whatever form they are in', () => {
    fc.assert(
      fc.property(values, fc.subarray(FIELDS, { minLength: 1 }), (given, fields) => {
        const hash = hashBy(fields);
        const hashes = new Map<string, number>();
        inEveryForm(given, (row, form) => hashes.set(form, hash(row)));
        expect(hashes.size).toBe(4);
        expect(new Set(hashes.values()).size).toBe(1);
      }),
    );
  });

  test('is the same for 0 and -0', () => {
    const One = schema('one', { n: int() });
    const hash = hashBy(['n']);
    const seen: number[] = [];
    const emit = emitter('one', One, (row) => seen.push(hash(row)));
    for (const n of [0, -0]) emit({ n });
    expect(seen[0]).toBe(seen[1]);
  });

  test('depends on nothing but the values: neither on other fields nor on the process', () => {
    const Wide = extend(Keyed, { other: text() });
    const given = sealed({
      host: 'a.example',
      note: null,
      status: 200,
      size: 1,
      cached: true,
      at: 0,
      raw: new Uint8Array(1),
      ip: '192.0.2.1',
      user: 7,
    });
    const hash = hashBy(['host', 'status']);
    const seen: number[] = [];
    emitter('wide', Wide, (row) => seen.push(hash(row)))({ ...given, other: 'x' });
    emitter('narrow', Keyed, (row) => seen.push(hash(row)))({ ...given, ip: seal('ip', '::1') });
    // State is kept by the task that a key falls to, over restarts and upgrades.
    expect(seen).toEqual([2_496_038_646, 2_496_038_646]);
  });

  test('tells apart where one field ends and the next begins, and null from empty', () => {
    const Two = schema('two', { a: nullable(text()), b: nullable(text()) });
    const hash = hashBy(['a', 'b']);
    const rows = [
      ['ab', 'c'],
      ['a', 'bc'],
      ['', 'abc'],
      ['abc', ''],
      [null, 'abc'],
      ['abc', null],
      [null, null],
      ['', ''],
    ];
    const seen = new Set<number>();
    const emit = emitter('two', Two, (row) => seen.add(hash(row)));
    for (const [a, b] of rows) emit({ a, b });
    expect(seen.size).toBe(rows.length);
  });

  test('spreads keys evenly over tasks, also keys that differ little', () => {
    const One = schema('one', { key: text(), number: int() });
    const keys = 20_000;
    for (const [field, tasks] of [
      ['key', 2],
      ['key', 3],
      ['key', 16],
      ['number', 2],
      ['number', 7],
      ['number', 16],
    ] as const) {
      const hash = hashBy([field]);
      const counts = new Array<number>(tasks).fill(0);
      const emit = emitter('one', One, (row) => void counts[hash(row) % tasks]!++);
      for (let i = 0; i < keys; i++) emit({ key: `host${i}.example`, number: i });
      const mean = keys / tasks;
      // Chance alone strays by a few square roots of the mean.
      for (const count of counts) expect(Math.abs(count - mean)).toBeLessThan(5 * Math.sqrt(mean));
    }
  });
});
