import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { arena } from '../../../topology/rows/arena.js';
import { CUT, OVER } from '../../../topology/rows/cutting.js';
import { emitter, type Emitter } from '../../../topology/rows/emitter.js';
import { bytes, flag, int, list, nullable, pii, text } from '../../../topology/rows/field.js';
import { seal, type Pii } from '../../../topology/rows/pii.js';
import { reveal } from '../../../topology/rows/reveal.js';
import { extend, schema } from '../../../topology/rows/schema.js';
import { textOf } from '../../../topology/rows/span.js';

const Wide = schema('wide', {
  a: text(),
  b: nullable(text()),
  n: int(),
  f: nullable(flag()),
  ip: pii('ip'),
});
const FIELDS = ['a', 'b', 'n', 'f', 'ip'] as const;

const values = fc.record({
  a: fc.string({ unit: 'grapheme' }),
  b: fc.option(fc.string()),
  n: fc.integer(),
  f: fc.option(fc.boolean()),
  ip: fc.ipV4(),
});
type Values = typeof values extends fc.Arbitrary<infer T> ? T : never;
const sealed = ({ ip, ...rest }: Values): object => ({ ...rest, ip: seal('ip', ip) });
const opened = (row: object): object => {
  const { ip, ...rest } = (row as { toObject(): { ip: Pii } }).toObject();
  return { ...rest, ip: reveal(ip) };
};
const only = (given: object, fields: readonly string[]): object =>
  Object.fromEntries(Object.entries(given).filter(([name]) => fields.includes(name)));

/** An emitter and what it delivered, copied while it lived. */
function collecting(
  ...args: [string, Parameters<typeof emitter>[1], reads?: Parameters<typeof emitter>[3]]
): { emit: Emitter; seen: object[] } {
  const [name, to, reads] = args;
  const seen: object[] = [];
  const emit = emitter(
    name,
    to,
    (row) => void seen.push((row as { toObject(): object }).toObject()),
    reads,
  );
  return { emit, seen };
}

describe('from', () => {
  test('replaces what is given and passes on the rest, whatever was given in the calls before', () => {
    const step = fc.record({
      base: values,
      given: values,
      fields: fc.subarray([...FIELDS]),
      form: fc.nat(2),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const seen: object[] = [];
        const next = emitter('next', Wide, (row) => void seen.push(opened(row)));
        const kept = emitter('kept', Wide, (row) =>
          next.from((row as { keep(): object }).keep(), given),
        );
        const first = emitter('first', Wide, (row) => next.from(row, given));
        let given: object = {};
        for (const { base, given: values, fields, form } of steps) {
          given = only(sealed(values), fields);
          // Rows of two layouts: all in slots, and all in bytes.
          (form === 0 ? first : kept)(sealed(base));
          expect(seen.pop()).toEqual({ ...base, ...only(values, fields) });
        }
      }),
    );
  });

  test('takes a field given as undefined for one that is not given', () => {
    const { emit, seen } = collecting('next', Wide);
    const first = emitter('first', Wide, (row) => {
      emit.from(row, { a: 'x', b: undefined });
      emit.from(row, { a: undefined, b: 'y' });
      emit.from(row, { a: undefined, b: undefined });
    });
    first(sealed({ a: 'a', b: 'b', n: 1, f: null, ip: '' }));
    expect(seen.map((row) => only(row, ['a', 'b']))).toEqual([
      { a: 'x', b: 'b' },
      { a: 'a', b: 'y' },
      { a: 'a', b: 'b' },
    ]);
  });

  test('passes on nothing that its bolt did not declare to read, also of a field that was given before', () => {
    const Out = schema('out', { n: int(), b: nullable(text()) });
    const { emit, seen } = collecting('out', Out, schema('reads', { n: int() }));
    const first = emitter('first', Wide, (row) => {
      expect(() => emit.from(row, {})).toThrow('out: the field "b" is missing.');
      emit.from(row, { b: 'given' });
      expect(() => emit.from(row, {})).toThrow('out: the field "b" is missing.');
    });
    first(sealed({ a: 'a', b: 'undeclared', n: 1, f: null, ip: '' }));
    expect(seen).toEqual([{ n: 1, b: 'given' }]);
  });

  test('gives fields that the stream does not have to nobody', () => {
    const Narrow = schema('narrow', { n: int() });
    const { emit, seen } = collecting('narrow', Narrow, Wide);
    emitter('first', Wide, (row) => emit.from(row, { a: 'smuggled' }))(
      sealed({ a: 'a', b: null, n: 1, f: null, ip: '' }),
    );
    emit({ n: 2, a: 'smuggled' });
    expect(seen).toEqual([{ n: 1 }, { n: 2 }]);
  });

  test('takes nothing for given that every object has by birth', () => {
    const Odd = schema('odd', { toString: text(), valueOf: int(), n: int() } as never);
    const { emit, seen } = collecting('odd', Odd);
    const source = emitter('in', Odd, (row) => {
      emit.from(row, { n: 2 });
      emit.from(row, { valueOf: 3 });
    });
    source({ toString: 'a', valueOf: 1, n: 1 });
    source[OVER](textOf('ab')!);
    source[CUT]({ toString: 'b', valueOf: 1, n: 1 });
    expect(seen).toEqual([
      { toString: 'a', valueOf: 1, n: 2 },
      { toString: 'a', valueOf: 3, n: 1 },
      { toString: 'b', valueOf: 1, n: 2 },
      { toString: 'b', valueOf: 3, n: 1 },
    ]);
    const other = collecting('odd', Odd, schema('less', { n: int() }));
    const blind = emitter('in', Odd, (row) => other.emit.from(row, {}));
    expect(() => blind({ toString: 'a', valueOf: 1, n: 1 })).toThrow('"toString" is missing');
  });

  test('takes a row, not an object', () => {
    const { emit } = collecting('next', Wide);
    expect(() => emit.from(sealed({ a: 'a', b: null, n: 1, f: null, ip: '' }), {})).toThrow(
      'next.from: a row was expected, not a plain object.',
    );
  });

  test('refuses a wrong value and goes on with the next, without a trace of the first', () => {
    const { emit, seen } = collecting('next', Wide);
    const first = emitter('first', Wide, (row) => {
      expect(() => emit.from(row, { n: 0.5 })).toThrow(
        'next: the field "n" must be int, not number.',
      );
      expect(() => emit.from(row, { ip: 'open' })).toThrow(
        'next: the field "ip" must be sealed (ip) text, not string.',
      );
      emit.from(row, { a: 'x' });
    });
    first(sealed({ a: 'a', b: null, n: 1, f: null, ip: '' }));
    expect(seen.map((row) => only(row, ['a', 'n']))).toEqual([{ a: 'x', n: 1 }]);
  });
});

describe('cut', () => {
  const Cut = schema('cut', {
    word: text(),
    rest: nullable(text()),
    n: nullable(int()),
    extra: text(),
    tags: list(text()),
    raw: bytes(),
  });

  /** Emits the words of `line` cut in two, with `fields` beside them. */
  function cutting(
    emit: Emitter,
    line: object,
    words: readonly (readonly [number, number])[],
    fields: object,
  ): void {
    const base = emit[OVER](line);
    for (const [i, [start, end]] of words.entries())
      base.spans.set([start, end], base.spanAt + 2 * i);
    base.numbers[base.numberAt] = 7;
    base.lineStart = 0;
    base.lineEnd = 11;
    emit[CUT](fields);
  }

  test('makes rows of spans over a text and of what is given, which are found there from then on', () => {
    const { emit, seen } = collecting('cut', Cut);
    const line = textOf('hello world')!;
    const given = { extra: 'e', tags: ['t'], raw: Buffer.from('r') };
    const words = [
      [0, 5],
      [6, 11],
    ] as const;
    cutting(emit, line, words, given);
    cutting(
      emit,
      line,
      [
        [0, 5],
        [-1, -1],
      ],
      given,
    );
    cutting(emit, line, words, { ...given, word: textOf('other')!, n: null });
    expect(() => cutting(emit, line, words, given)).toThrow('cut: the field "word" is missing.');
    cutting(emit, line, words, { ...given, word: 'string', n: 8 });
    const { extra, tags } = given;
    expect(seen).toMatchObject([
      { word: 'hello', rest: 'world', n: 7, extra, tags },
      { word: 'hello', rest: null, n: 7, extra, tags },
      { word: 'other', rest: 'world', n: null, extra, tags },
      { word: 'string', rest: 'world', n: 8, extra, tags },
    ]);
  });

  test('cuts what is sealed without opening it', () => {
    const Sealed = schema('sealed', { ip: pii('ip'), agent: pii('user_agent') });
    const seen: string[][] = [];
    const emit = emitter('sealed', Sealed, (row) => {
      const { ip, agent } = row as { ip: Pii; agent: Pii };
      seen.push([String(ip), reveal(ip), reveal(agent)]);
    });
    const base = emit[OVER](seal('free_text', '192.0.2.1 curl'));
    base.spans.set([0, 9, 10, 14]);
    emit[CUT]({});
    expect(seen).toEqual([['[pii:ip]', '192.0.2.1', 'curl']]);
  });

  test('gives rows that are dead after it', () => {
    let late!: { word: string };
    const emit = emitter(
      'cut',
      schema('one', { word: text() }),
      (row) => (late = row as typeof late),
    );
    emit[OVER](textOf('hello')!).spans.set([0, 5]);
    emit[CUT]({});
    expect(() => late.word).toThrow('A row was used after process() had returned.');
  });
});

describe('emit', () => {
  test('passes a row of its own schema on as the very row', () => {
    const rows: object[] = [];
    const next = emitter('next', Wide, (row) => void rows.push(row));
    const first = emitter('first', Wide, (row) => {
      next(row);
      next(row);
      expect(rows).toEqual([row, row]);
      expect(rows[0]).toBe(row);
    });
    first(sealed({ a: 'a', b: null, n: 1, f: null, ip: '' }));
    expect(rows.length).toBe(2);
  });

  test('makes a row of another schema with the same fields into one of its own', () => {
    const Same = extend(Wide, {}, 'same');
    const { emit, seen } = collecting('same', Same, Wide);
    emitter('first', Wide, (row) => emit(row))(sealed({ a: 'a', b: null, n: 1, f: true, ip: '' }));
    expect(seen).toMatchObject([{ a: 'a', b: null, n: 1, f: true }]);
  });

  test('takes texts that were never decoded, from a row or from the arena, for as long as they live', () => {
    const One = schema('one', { a: text() });
    const { emit, seen } = collecting('one', One);
    emitter('first', Wide, (row) => emit({ a: (row as { $a: object }).$a }))(
      sealed({ a: 'ä', b: null, n: 1, f: null, ip: '' }),
    );
    const start = arena.reserve(8);
    const taken = arena.take(start, start + arena.bytes.write('arena', start));
    emit({ a: taken });
    expect(seen).toEqual([{ a: 'ä' }, { a: 'arena' }]);
    arena.reset();
    expect(() => emit({ a: taken })).toThrow(/used after process\(\) had returned/);
  });
});

describe('a row that is dead', () => {
  const Line = schema('line', { a: text(), n: int() });
  const Twice = extend(Line, { twice: int() });
  /** Rows that are views over one base, one after the other. */
  const rowsOf = (...texts: string[]): object[] => {
    const rows: object[] = [];
    const emit = emitter('spout', Line, (row) => void rows.push(row));
    for (const [n, a] of texts.entries()) emit({ a, n });
    return rows;
  };

  test.each([
    ['passed on', Line, (emit: Emitter, row: object) => emit(row)],
    ['passed on with more', Twice, (emit: Emitter, row: object) => emit.from(row, { twice: 2 })],
  ])('cannot be %s: it would show what the next one is', (_how, to, pass) => {
    const seen: object[] = [];
    const emit = emitter('bolt', to, (row) => void seen.push(row));
    const source = emitter('spout', Line, (row) => pass(emit, row));
    source({ a: 'x', n: 0 });
    source({ a: 'y', n: 1 });
    expect(seen).toHaveLength(2);
    for (const dead of rowsOf('x', 'y'))
      expect(() => pass(emit, dead)).toThrow('A row was used after process() had returned.');
    expect(seen).toHaveLength(2);
  });
});

test('of a list every item must fit, and holes do not', () => {
  const Lists = schema('lists', {
    ints: list(int()),
    texts: list(nullable(text())),
    deep: list(list(flag())),
  });
  const { emit, seen } = collecting('out', Lists);
  const good = { ints: [1, 2], texts: ['a', null], deep: [[true], []] };
  emit(good);
  expect(seen).toEqual([good]);
  // eslint-disable-next-line no-sparse-arrays
  const holes = [1, , 2];
  for (const bad of [
    { ints: ['1'] },
    { ints: [1.5] },
    { ints: [null] },
    { ints: holes },
    { texts: [1] },
    { texts: [undefined] },
    { deep: [['true']] },
    { deep: [[true], null] },
  ])
    expect(() => emit({ ...good, ...bad })).toThrow(/must be list of .*, not a list of something/);
  expect(seen).toHaveLength(1);
});
