import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { shapeOf, shapeText } from '../../../cli/dlq/shape.js';

test('says how a message is built', () => {
  expect(shapeOf(Buffer.from('{"a": "b\tc"}'))).toEqual({
    bytes: 12,
    text: 'ASCII',
    spaces: 1,
    tabs: 1,
    quotes: 4,
    controls: 0,
    json: 'none',
  });
  expect(shapeOf(Buffer.from('["é"]'))).toMatchObject({ text: 'UTF-8', json: 'array' });
  expect(shapeOf(Buffer.from('{"a":1}'))).toMatchObject({ json: 'object' });
  expect(shapeOf(Buffer.from([0xff, 0, 0x7f]))).toMatchObject({ text: 'no UTF-8', controls: 2 });
});

test('is the same for whatever letters and digits a message has', () => {
  const lines = fc.array(fc.constantFrom('a', '7', ' ', '"', '\t', '.', '@'), { maxLength: 40 });
  fc.assert(
    fc.property(lines, (parts) => {
      const one = shapeText(shapeOf(Buffer.from(`x${parts.join('')}`)));
      const others: Record<string, string> = { a: 'z', '7': '3', '.': ':', '@': '%' };
      const other = parts.map((part) => others[part] ?? part);
      expect(shapeText(shapeOf(Buffer.from(`y${other.join('')}`)))).toBe(one);
    }),
  );
});
