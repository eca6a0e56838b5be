import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LineBatch } from '../../../topology/dsl/line-batch.js';
import { RawLine } from '../../../topology/dsl/raw-line.js';
import { emitter } from '../../../topology/rows/emitter.js';
import { reveal } from '../../../topology/rows/reveal.js';
import type { Emit } from '../../../topology/rows/row.js';

interface Line {
  readonly text: string;
  readonly offset: number;
  readonly rejected: string | undefined;
}

const lines = fc.array(
  fc.record({
    text: fc.string({ unit: 'grapheme', maxLength: 30 }),
    offset: fc.nat(),
    rejected: fc.constantFrom(undefined, undefined, 'too long'),
  }),
  { maxLength: 20 },
);

function fill(
  batch: LineBatch,
  given: readonly Line[],
  partition = 'p',
  source = 'inode 7',
  file = 'access.log',
): LineBatch {
  batch.begin(partition, source, file);
  let end = 0;
  for (const { text, offset, rejected } of given) {
    const start = end;
    end += batch.bytes.write(`${text}\n`, start);
    batch.add(start, end - 1, offset, offset + 1, rejected);
  }
  batch.end();
  return batch;
}

/** What the runtime gets of message `i`. */
function message(batch: LineBatch, i: number): object {
  let row: object | undefined;
  const emit = emitter('lines', RawLine, (live) => {
    const { line, source, offset } = live as RawLine;
    row = { line: reveal(line), source, offset };
  });
  batch.emit(i, emit as Emit<RawLine>);
  return {
    ...row,
    raw: String(batch.raw(i)),
    origin: batch.origin(i),
    position: batch.positionAfter(i),
    rejected: batch.rejected(i),
    partition: batch.partition,
  };
}

const expected = (
  { text, offset, rejected }: Line,
  partition = 'p',
  source = 'inode 7',
  file = 'access.log',
): object => ({
  line: text,
  source,
  offset,
  raw: text,
  origin: { file, offset },
  position: offset + 1,
  rejected,
  partition,
});

/** As a dead letter keeps it, and gives it back. */
const revived = (batch: LineBatch, i: number): LineBatch =>
  LineBatch.revive({
    partition: batch.partition,
    position: batch.positionAfter(i),
    raw: Buffer.from(batch.raw(i)),
    besides: JSON.parse(JSON.stringify(batch.besides(i))),
  });

describe('LineBatch', () => {
  test('gives every line as it was added, also when it has more of them than it had room for', () => {
    fc.assert(
      fc.property(lines, fc.integer({ min: 1, max: 4 }), (given, room) => {
        const batch = fill(new LineBatch(4096, room), given);
        expect(batch.count).toBe(given.length);
        expect(given.map((_, i) => message(batch, i))).toEqual(given.map((line) => expected(line)));
      }),
    );
  });

  test('gives an extracted line as it was, after the batch has been used again', () => {
    fc.assert(
      fc.property(lines, lines, fc.nat(), (first, second, pick) => {
        fc.pre(first.length > 0);
        const batch = fill(new LineBatch(4096), first);
        const i = pick % first.length;
        const one = batch.extract(i);
        fill(batch, second, 'q', 'inode 8', 'other.log');
        expect(one.count).toBe(1);
        expect(message(one, 0)).toEqual(expected(first[i]!));
        expect(message(one.extract(0), 0)).toEqual(expected(first[i]!));
        expect(second.map((_, n) => message(batch, n))).toEqual(
          second.map((line) => expected(line, 'q', 'inode 8', 'other.log')),
        );
      }),
    );
  });

  test('decodes lines and sources that are not ASCII, wherever they stand in the batch', () => {
    const plain = { text: 'plain', offset: 0, rejected: undefined };
    const given = [plain, { ...plain, text: 'ä' }, plain];
    expect(message(fill(new LineBatch(100), given), 1)).toMatchObject({ line: 'ä' });
    expect(message(fill(new LineBatch(100), [plain], 'p', 'größe'), 0)).toMatchObject({
      line: 'plain',
      source: 'größe',
    });
  });

  test('has room for the lines that it was made for, whatever its source is called', () => {
    const batch = new LineBatch(10);
    expect(batch.size).toBe(10);
    batch.begin('p', 's'.repeat(300), 'f');
    batch.bytes.fill('x', 0, 10);
    batch.add(0, 10, 0, 10);
    batch.end();
    expect(message(batch, 0)).toMatchObject({ line: 'x'.repeat(10), source: 's'.repeat(256) });
    // No half of a character.
    batch.begin('p', `${'s'.repeat(255)}ä`, 'f');
    batch.add(0, 10, 0, 10);
    batch.end();
    expect(message(batch, 0)).toMatchObject({ source: 's'.repeat(255) });
  });

  test('is empty when it has begun, and may stay so', () => {
    const batch = fill(new LineBatch(100), [{ text: 'a', offset: 1, rejected: 'bad' }]);
    batch.begin('p', 's', 'f');
    batch.end();
    expect([batch.count, batch.rejected(0)]).toEqual([0, undefined]);
  });

  test('gives the same of a line that was kept, and is revived', () => {
    fc.assert(
      fc.property(lines, (given) => {
        const batch = fill(new LineBatch(4096), given);
        for (const [i, line] of given.entries())
          expect(message(revived(batch, i), 0)).toEqual(expected(line));
      }),
    );
  });

  test('refuses to revive what was not kept of a line', () => {
    const kept = { partition: 'p', position: 1, raw: Buffer.from('a') };
    for (const besides of [undefined, null, 'x', { source: 's', file: 'f' }])
      expect(() => LineBatch.revive({ ...kept, besides })).toThrow('It was not kept as a line is.');
  });
});
