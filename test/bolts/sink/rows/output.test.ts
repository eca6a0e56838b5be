import { expect, test } from '@jest/globals';
import { BLOCK_BYTES, Output } from '../../../../bolts/sink/rows/output.js';

const put = (out: Output, size: number): void => {
  const at = out.room(size);
  out.bytes.fill('x', at, at + size);
  out.at = at + size;
};

test('what was taken is not written over', () => {
  const out = new Output(2);
  for (const size of [3, 5_000, BLOCK_BYTES, 1_000_000]) {
    put(out, size);
    const taken = out.take();
    const before = Buffer.from(taken);
    put(out, size);
    out.bytes.fill('y');
    expect(taken.equals(before)).toBe(true);
    expect(taken.length).toBe(2 + size);
    out.clear();
    expect(out.at).toBe(2);
  }
});

test('what was given back is used again, once, and what was not taken is not', () => {
  const out = new Output(2);
  const taken = [1, 2, 3].map(() => {
    put(out, BLOCK_BYTES);
    return out.take();
  });
  const [first, second, third] = taken.map(({ buffer }) => buffer);
  out.giveBack(taken[0]!.subarray(1));
  out.giveBack(taken[0]!);
  out.giveBack(Buffer.alloc(BLOCK_BYTES));
  const used = [1, 2, 3].map(() => {
    put(out, BLOCK_BYTES);
    return out.take().buffer;
  });
  expect(used.filter((buffer) => buffer === first)).toHaveLength(1);
  expect(used).not.toContain(second);
  expect(used).not.toContain(third);
  expect(new Set(used).size).toBe(3);
});

test('what grew keeps what was in it', () => {
  const out = new Output(1);
  for (let i = 0; i < 50; i++) put(out, 1000);
  expect(out.take().subarray(1).toString()).toBe('x'.repeat(50_000));
});

test('the memory of a huge row is given back', () => {
  const out = new Output();
  for (const empty of [() => out.take(), () => out.clear()]) {
    put(out, 50_000_000);
    empty();
    expect(out.bytes.length).toBeLessThan(4 * BLOCK_BYTES);
    expect(out.view.byteLength).toBe(out.bytes.length);
  }
});
