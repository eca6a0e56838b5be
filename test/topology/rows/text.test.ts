import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { lastingBase } from '../../../topology/rows/base.js';
import { Text } from '../../../topology/rows/text.js';

const base = lastingBase(Buffer.from('0€ä9'));

test('a text prints as what it is, however it is printed', () => {
  const text = new Text(base, 1, 6);
  expect([String(text), `${text}`, JSON.stringify({ text }), inspect(text)]).toEqual([
    '€ä',
    '€ä',
    '{"text":"€ä"}',
    '€ä',
  ]);
});

test('its length is in bytes', () => {
  expect(new Text(base, 1, 6).length).toBe(5);
});

test('it is dead when its base has moved on', () => {
  const moving = lastingBase(Buffer.from('a'));
  const text = new Text(moving, 0, 1);
  moving.generation++;
  for (const print of [() => String(text), () => JSON.stringify(text), () => inspect(text)]) {
    expect(print).toThrow(
      'A row was used after process() had returned. Call row.keep() for what you hold on to, or declare keeps: true.',
    );
  }
});
