import { expect, test } from '@jest/globals';
import { keyOf, layout, pathOf } from '../../../dashboard/graph/layout.js';
import { canonicalize } from '../../support/dashboard/canonicalize.js';

const topology = canonicalize(600);
const SIZES = { width: 160, height: 76, label: 56 };
const drawn = layout(topology, SIZES);
const boxOf = (name: string) => drawn.boxes.find((box) => box.name === name)!;

test('rows flow downwards', () => {
  for (const { from, to } of topology.edges)
    expect(boxOf(to).top).toBeGreaterThan(boxOf(from).top + SIZES.height);
});

test('no box lies on another, and all are inside', () => {
  for (const a of drawn.boxes) {
    expect(a.left).toBeGreaterThanOrEqual(0);
    expect(a.left + SIZES.width).toBeLessThanOrEqual(drawn.width);
    expect(a.top + SIZES.height).toBeLessThanOrEqual(drawn.height);
    for (const b of drawn.boxes) {
      if (a === b) continue;
      const apart =
        Math.abs(a.left - b.left) >= SIZES.width || Math.abs(a.top - b.top) >= SIZES.height;
      expect(apart).toBe(true);
    }
  }
});

test('it fits a screen of 400 pixels', () => expect(drawn.width).toBeLessThanOrEqual(376));

test('a line goes from the lower side of one box to the upper side of the other', () => {
  for (const edge of topology.edges) {
    const { points } = drawn.lines.find(({ key }) => key === keyOf(edge))!;
    expect(points[0]!.y).toBeCloseTo(boxOf(edge.from).top + SIZES.height);
    expect(points.at(-1)!.y).toBeCloseTo(boxOf(edge.to).top);
  }
});

test('two streams between the same two are two lines', () => {
  const components = [{ name: 'a' }, { name: 'b' }];
  const edges = ['good', 'bad'].map((stream) => ({ from: 'a', stream, to: 'b' }));
  const { lines } = layout({ components, edges }, SIZES);
  expect(new Set(lines.map(({ points }) => JSON.stringify(points))).size).toBe(2);
});

test('a path leaves and arrives upright', () => {
  expect(
    pathOf([
      { x: 0, y: 0 },
      { x: 10, y: 20 },
    ]),
  ).toBe('M0 0C0 10 10 10 10 20');
});
