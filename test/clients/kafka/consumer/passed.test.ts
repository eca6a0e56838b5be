import { expect, test } from '@jest/globals';
import { Passed } from '../../../../clients/kafka/consumer/passed.js';

const at = (offset: number): Map<string, number> => new Map([['t-0', offset]]);
const NOTHING = new Map();

test('where nothing is out, all that holds no message is done', () => {
  const passed = new Passed();
  expect(passed.done(at(10))).toEqual(at(10));
  expect(passed.pass('t-0', 10, 15)).toEqual(at(15));
  expect(passed.pass('t-0', 10, 20)).toEqual(at(20));
});

test('while something before it is out, it is not', () => {
  const passed = new Passed();
  passed.done(at(10));
  expect(passed.pass('t-0', 12, 20)).toEqual(NOTHING);
  expect(passed.done(at(11))).toEqual(at(11));
  expect(passed.done(at(12))).toEqual(at(20));
  expect(passed.done(at(25))).toEqual(at(25));
});

test('a partition that begins anew has none of it', () => {
  const passed = new Passed();
  passed.done(at(10));
  passed.pass('t-0', 12, 20);
  passed.forget('t-0');
  expect(passed.done(at(12))).toEqual(at(12));
});
