import { describe, expect, test } from '@jest/globals';
import { textBy } from '../../../../bolts/sink/rows/template.js';
import { bytes, flag, int, nullable, pii, text, time } from '../../../../topology/rows/field.js';
import { schema } from '../../../../topology/rows/schema.js';
import { FORMS, withRow } from '../support.js';

const Event = schema('event', {
  dt: nullable(time()),
  wiki: nullable(text()),
  n: nullable(int()),
  yes: flag(),
  raw: bytes(),
  ip: pii('ip'),
});
const VALUES = {
  dt: Date.UTC(2014, 2, 1, 12),
  wiki: 'en/é:{x}',
  n: -7,
  yes: true,
  raw: Buffer.alloc(1),
};
const Open = schema('open', {
  dt: Event.fields.dt,
  wiki: Event.fields.wiki,
  n: Event.fields.n,
  yes: Event.fields.yes,
});

describe('a text by a template', () => {
  test.each(FORMS)('has values as they are, and times in UTC (%s)', (form) => {
    const textOf = textBy('a:{wiki}:{dt:yyyy-MM-dd/HH}:{n}{yes}', Open);
    const { raw: _, ...values } = VALUES;
    withRow(Open, values, form, (row) => {
      expect(textOf(row)).toBe('a:en/é:{x}:2014-03-01/12:-7true');
    });
  });

  test('has _ for null', () => {
    const textOf = textBy('{wiki}{dt:yyyy}{n}', Open);
    withRow(Open, { dt: null, wiki: null, n: null, yes: false }, 'slots', (row) => {
      expect(textOf(row)).toBe('___');
    });
  });

  test('may be the same for all rows, and take one field', () => {
    withRow(Open, { ...VALUES, wiki: 'x' }, 'slots', (row) => {
      expect([textBy('same', Open)(row), textBy('{wiki}', Open)(row)]).toEqual(['same', 'x']);
    });
  });

  test.each([
    ['', 'is empty'],
    ['{wiki', 'a brace too many or too few'],
    ['{nope}', 'the field "nope", which the rows of "event" do not have'],
    ['{ip}', '"ip", which is sealed'],
    ['{raw}', '"raw", which is no text, number or time'],
    ['{dt}', 'needs a pattern for the time "dt"'],
    ['{dt:secs}', 'not made of yyyy MM dd'],
  ])('is refused when it cannot be made: %s', (template, message) => {
    expect(() => textBy(template, Event)).toThrow(message);
  });
});
