import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { Rejected } from '../../../topology/dsl/reject.js';
import { RowError } from '../../../topology/rows/row-error.js';
import { failureOf, faultText } from '../../../runtime/worker/fault.js';

const SECRET = '192.0.2.77';

/** An error as it comes from user code, whose message quotes what it failed on. */
function thrown(error: Error, ...frames: string[]): Error {
  error.stack = `${error.name}: ${error.message}\n${frames.map((frame) => `    at ${frame}`).join('\n')}`;
  return error;
}

describe('failureOf', () => {
  test('keeps the reason of what was rejected', () => {
    expect(failureOf('parse', new Rejected('no host'))).toEqual({
      kind: 'rejected',
      component: 'parse',
      reason: 'no host',
    });
  });

  const codes: [unknown, string][] = [
    [new TypeError(SECRET), 'TypeError'],
    [Object.assign(new Error(SECRET), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    [Object.assign(new Error(SECRET), { code: SECRET }), 'Error'],
    [Object.assign(new Error(SECRET), { code: 7 }), 'Error'],
    [Object.assign(new Error(), { name: `not found: ${SECRET}` }), 'Error'],
    [runInNewContext(`new RangeError('${SECRET}')`), 'RangeError'],
    [SECRET, 'threw-no-error'],
    [null, 'threw-no-error'],
    [{ name: SECRET, message: SECRET }, 'threw-no-error'],
  ];
  test.each(codes)(
    'names any other by its code or its name, never by what it says (%#)',
    (error, code) => {
      expect(failureOf('parse', error)).toEqual({ kind: 'failed', component: 'parse', code });
    },
  );
});

describe('faultText', () => {
  test('says where in the component it was, not where in the runtime', () => {
    const error = thrown(
      new TypeError(SECRET),
      'emit (squall-generated/emitter-1:3:4)',
      'emitter (file:///squall/topology/rows/emitter.ts:3:4)',
      'Array.map (<anonymous>)',
      'geotag (file:///mine/geotag.ts:12:7)',
      'turn (file:///squall/runtime/worker/engine.ts:3:4)',
    );
    expect(faultText(error)).toBe('threw TypeError at geotag (file:///mine/geotag.ts:12:7)');
  });

  test('says what our own errors say, which quote nothing, and of no other', () => {
    expect(faultText(thrown(new RowError('a.b: the field "c" is missing.')))).toBe(
      'RowError: a.b: the field "c" is missing.',
    );
    expect(faultText(thrown(new Error(SECRET)))).toBe('threw Error');
    expect(faultText(SECRET)).toBe('threw something that is no Error');
  });

  test('does not take a part of the message for a place', () => {
    const error = thrown(
      new SyntaxError(`unexpected\n    at ${SECRET} in JSON`),
      'load (file:///mine/load.ts:1:2)',
    );
    expect(faultText(error)).toBe('threw SyntaxError at load (file:///mine/load.ts:1:2)');
  });

  test('does without a stack', () => {
    const error = new Error(SECRET);
    delete error.stack;
    expect(faultText(error)).toBe('threw Error');
  });
});
