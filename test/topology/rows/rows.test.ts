/** Laws of rows, whatever made them: a spout's spans, a bolt's values, a frame, a copy. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inspect } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { Base } from '../../../topology/rows/base.js';
import { OVER } from '../../../topology/rows/cutting.js';
import { emitter } from '../../../topology/rows/emitter.js';
import {
  bytes,
  flag,
  float,
  int,
  list,
  nullable,
  pii,
  text,
  time,
} from '../../../topology/rows/field.js';
import { headBytes, readImage, Slab } from '../../../topology/rows/image.js';
import { baseLayout, layoutOf } from '../../../topology/rows/layout.js';
import { Pii, seal } from '../../../topology/rows/pii.js';
import { reveal, revealValue } from '../../../topology/rows/reveal.js';
import { extend, placesOf, schema } from '../../../topology/rows/schema.js';

const All = schema('all', {
  host: text(),
  note: nullable(text()),
  status: int(),
  size: nullable(int()),
  seconds: float(),
  cached: flag(),
  at: time(),
  raw: bytes(),
  tags: list(text()),
  ip: pii('ip'),
  agent: nullable(pii('user_agent')),
  user: pii('user_id', int()),
});

const open = fc.record({
  host: fc.string({ unit: 'grapheme', maxLength: 40 }),
  note: fc.option(fc.string({ unit: 'grapheme' })),
  status: fc.maxSafeInteger(),
  size: fc.option(fc.nat()),
  seconds: fc.double({ noNaN: true, noDefaultInfinity: true }),
  cached: fc.boolean(),
  at: fc.nat(),
  raw: fc.uint8Array({ maxLength: 300 }),
  tags: fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 3 }),
  ip: fc.ipV4(),
  agent: fc.option(fc.string({ unit: 'grapheme' })),
  user: fc.nat(),
});
type Open = typeof open extends fc.Arbitrary<infer T> ? T : never;

const sealedRow = ({ ip, agent, user, ...rest }: Open): object => ({
  ...rest,
  ip: seal('ip', ip),
  agent: agent === null ? null : seal('user_agent', agent),
  user: seal('user_id', user),
});

function opened(row: object): object {
  const values = (row as { toObject(): Record<string, unknown> }).toObject();
  const { ip, agent, user, raw, ...rest } = values;
  return {
    ...rest,
    raw: Uint8Array.from(raw as Uint8Array),
    ip: reveal(ip as Pii),
    agent: agent === null ? null : reveal(agent as Pii),
    user: Number(revealValue(user as Pii)),
  };
}

/** Emits one row and lets `look` see it alive. */
function emitted(row: object, look: (row: object) => void): void {
  let seen = 0;
  emitter('test', All, (each) => {
    seen++;
    look(each);
  })(row);
  expect(seen).toBe(1);
}

const normal = ({ seconds, ...rest }: Open): Open => ({
  ...rest,
  seconds: seconds === 0 ? 0 : seconds,
});

describe('a row', () => {
  test('gives back what was emitted', () => {
    fc.assert(
      fc.property(open.map(normal), (given) =>
        emitted(sealedRow(given), (row) => expect(opened(row)).toEqual(given)),
      ),
    );
  });

  test('is the same when it is kept, also kept again, and after its original is dead', () => {
    fc.assert(
      fc.property(open.map(normal), (given) => {
        let kept: { keep(): object };
        emitted(sealedRow(given), (row) => (kept = (row as typeof kept).keep() as typeof kept));
        expect(opened(kept!)).toEqual(given);
        expect(opened(kept!.keep())).toEqual(given);
      }),
    );
  });

  test('is the same at the other end of a wire, at any place in a frame', () => {
    fc.assert(
      fc.property(open.map(normal), fc.nat({ max: 50 }), (given, words) => {
        emitted(sealedRow(given), (row) => {
          const writer = layoutOf(row)!.imageWriter(All);
          const size = writer.size(row);
          const slab = new Slab(8 * words + size);
          const end = writer.write(row, slab, 8 * words);
          expect(end).toBeLessThanOrEqual(8 * words + ((size + 7) & ~7));
          expect(opened(readBack(slab, 8 * words, end))).toEqual(given);
        });
      }),
    );
  });

  test('passes on with a field added or replaced, and the others untouched', () => {
    const Wide = extend(All, { country: text() });
    const seen: object[] = [];
    const next = emitter('next', Wide, (row) => void seen.push(opened(row)), All);
    fc.assert(
      fc.property(open.map(normal), fc.boolean(), (given, replace) => {
        const added = replace ? { country: 'FI', host: 'other' } : { country: 'SE' };
        emitted(sealedRow(given), (row) => next.from(row, added));
        expect(seen.pop()).toEqual({ ...given, ...added });
      }),
    );
  });

  test('throws when it is read after its time, and so do its texts and sealed values', () => {
    let late: { host: string; $host: { toString(): string }; ip: Pii; toObject(): object };
    emitted(sealedRow(sample), (row) => {
      late = row as typeof late;
    });
    expect(() => late.host).toThrow(/row was used after process\(\) had returned/);
    expect(() => late.toObject()).toThrow(/keep\(\)/);
    expect(() => String(textOfBase())).toThrow(/keep\(\)/);
    function textOfBase(): unknown {
      let text: unknown;
      const base = lineBase('a b');
      const Row = baseLayout(schema('line', { word: text0 })).Row;
      text = (new Row(base, base.generation) as { $word: unknown }).$word;
      base.generation++;
      return text;
    }
  });

  test('prints no raw personal value, however it is printed', () => {
    const canary = '198.51.100.77';
    emitted(sealedRow({ ...sample, ip: canary, agent: canary }), (row) => {
      const kept = (row as { keep(): object }).keep();
      for (const each of [
        row,
        kept,
        (row as { ip: object }).ip,
        (kept as { ip: object }).ip,
        { ...row },
        { ...kept },
      ]) {
        const printed = [
          String(each),
          `${JSON.stringify(each)}`,
          inspect(each, { depth: 9, showHidden: true }),
          inspect({ each }),
        ];
        for (const copy of [
          structuredClone({ each: cloneable(each) }),
          deserialize(serialize(cloneable(each))),
        ]) {
          printed.push(
            JSON.stringify(copy),
            inspect(copy, { depth: 9, showHidden: true }),
            serialize(copy).toString('latin1'),
          );
        }
        expect(printed.join('\n')).not.toContain(canary);
        expect(printed.join('\n')).not.toContain(Buffer.from(canary).toString('base64'));
      }
    });
  });

  test('does not let a sealed field become an open one of the same name', () => {
    const Leak = schema('leak', { ip: text() });
    const leak = emitter('leak', Leak, () => {}, All);
    emitted(sealedRow(sample), (row) => {
      expect(() => leak.from(row, {})).toThrow('leak: the field "ip" is missing.');
      expect(() => leak(row)).toThrow('leak: the field "ip" is missing.');
    });
  });

  test('passes on only what its bolt declared to read', () => {
    const Two = schema('two', { host: text(), note: nullable(text()) });
    const two = emitter('two', Two, () => {}, schema('reads', { host: text() }));
    emitted(sealedRow(sample), (row) =>
      expect(() => two.from(row, {})).toThrow('two: the field "note" is missing.'),
    );
  });

  test('is refused with the field named, and no value quoted, when a value does not fit', () => {
    const emit = emitter('bolt.out', All, () => {});
    const cases: [string, unknown, RegExp][] = [
      ['status', 1.5, /"status" must be int, not number/],
      ['host', 12, /"host" must be text, not number/],
      ['ip', '192.0.2.1', /"ip" must be sealed \(ip\) text, not string/],
      ['ip', seal('user_agent', 'x'), /"ip" must be sealed \(ip\) text, not sealed \(user_agent\)/],
      ['seconds', Infinity, /"seconds" must be float/],
      ['host', undefined, /"host" is missing/],
      ['host', null, /"host" must be text, not null/],
    ];
    for (const [field, value, message] of cases) {
      expect(() => emit({ ...sealedRow(sample), [field]: value })).toThrow(message);
    }
  });
});

const text0 = text();

const sample: Open = {
  host: 'a.example',
  note: null,
  status: 200,
  size: 1,
  seconds: 0.5,
  cached: true,
  at: 0,
  raw: new Uint8Array(2),
  tags: ['x'],
  ip: '192.0.2.1',
  agent: 'curl',
  user: 7,
};

/** Functions cannot be cloned; what is left of an object is what a leak would be. */
const cloneable = (value: object): object => Object.assign(Object.create(null), value) as object;

function lineBase(line: string): Base {
  const base = new Base(Buffer.from(line), new Int32Array([0, 1]), new Float64Array(0));
  base.lineEnd = line.length;
  return base;
}

function readBack(slab: Slab, at: number, end: number): object {
  const { spans, numbers } = placesOf(All);
  const base = new Base(Buffer.alloc(0), new Int32Array(2 * spans.length), new Float64Array(0));
  readImage(base, slab, at, end, numbers.length, headBytes(All));
  return new (baseLayout(All).Row)(base, base.generation);
}

test('what a bolt that cuts bytes works on shows nothing of itself', () => {
  const emit = emitter('test', All, () => {});
  const base = emit[OVER](seal('free_text', 'canary 198.51.100.77'));
  expect([inspect(base), inspect({ base }), JSON.stringify(base)].join()).not.toMatch(
    /canary|bytes/,
  );
});

test('a schema cannot be changed after it was made', () => {
  const Sealed = schema('sealed', { ip: pii('ip') });
  expect(() => delete (Sealed.fields.ip as { pii?: string }).pii).toThrow(TypeError);
});
