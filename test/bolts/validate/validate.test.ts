import { describe, expect, test } from '@jest/globals';
import { validateAvro } from '../../../bolts/validate/avro.js';
import { validateJsonSchema } from '../../../bolts/validate/json-schema.js';
import { validate } from '../../../bolts/validate/validate.js';
import { feed } from '../../../runtime/testing/index.js';
import { bytes, int, list, nullable, pii, text } from '../../../topology/rows/field.js';
import { reveal } from '../../../topology/rows/reveal.js';
import { schema } from '../../../topology/rows/schema.js';

const Request = schema('request', {
  host: text({ minLength: 1 }),
  status: int({ min: 100, max: 599 }),
  ip: pii('ip'),
  country: nullable(text({ minLength: 2, maxLength: 2 })),
  tags: list(text()),
  raw: bytes(),
});
const row = {
  host: 'a',
  status: 200,
  ip: '192.0.2.1',
  country: null,
  tags: ['x'],
  raw: Buffer.from('r'),
};

describe('validate', () => {
  test('passes rows within the limits of their schema, whole and sealed', async () => {
    const { streams, rejected } = await feed(validate(Request), [row, { ...row, country: 'DE' }]);
    expect(rejected).toEqual([]);
    expect(streams['valid']).toMatchObject([
      { host: 'a', status: 200, country: null, tags: ['x'] },
      { host: 'a', status: 200, country: 'DE', tags: ['x'] },
    ]);
    expect(String(streams['valid']![0]!['ip'])).toBe('[pii:ip]');
    expect(reveal(streams['valid']![0]!['ip'] as never)).toBe('192.0.2.1');
  });

  test('rejects the others with field and rule, and goes on', async () => {
    const { streams, rejected } = await feed(validate(Request), [
      { ...row, status: 99 },
      row,
      { ...row, host: '' },
      { ...row, country: 'D' },
    ]);
    expect(rejected).toEqual([
      { row: 0, reason: 'status: below 100' },
      { row: 2, reason: 'host: shorter than 1 characters' },
      { row: 3, reason: 'country: shorter than 2 characters' },
    ]);
    expect(streams['valid']).toHaveLength(1);
  });

  test('says that every field is copied', () => {
    const fields = Object.keys(Request.fields).map((name) => [name, { how: 'copy', from: [name] }]);
    for (const bolt of [
      validate(Request),
      validateJsonSchema(Request, {}),
      validateAvro(Request, Reading),
    ]) {
      expect(bolt.lineage).toEqual({ valid: Object.fromEntries(fields) });
    }
  });
});

describe('validateJsonSchema', () => {
  test.each([
    'https://json-schema.org/draft/2020-12/schema',
    'http://json-schema.org/draft-07/schema#',
    undefined,
  ])(
    'passes what a schema of %s accepts, and rejects the rest with path and keyword',
    async ($schema) => {
      const bolt = validateJsonSchema(Request, {
        ...($schema && { $schema }),
        $id: 'https://example.org/request',
        required: ['host', 'country'],
        additionalProperties: false,
        properties: {
          host: { type: 'string', pattern: '^[a-z]+$' },
          status: { type: 'integer', maximum: 499 },
          ip: { type: 'string', format: 'ipv4' },
          country: { type: ['string', 'null'] },
          tags: { type: 'array', items: { maxLength: 1 } },
          raw: true,
        },
      });
      const { streams, rejected } = await feed(bolt, [
        row,
        { ...row, status: 500 },
        { ...row, host: 'A' },
        { ...row, ip: '::1' },
        { ...row, tags: ['a', 'bc'] },
      ]);
      expect(rejected).toEqual([
        { row: 1, reason: 'status: maximum' },
        { row: 2, reason: 'host: pattern' },
        { row: 3, reason: 'ip: format' },
        { row: 4, reason: 'tags/*: maxLength' },
      ]);
      expect(streams['valid']).toHaveLength(1);
      expect(bolt.parameters).toEqual({ schema: 'https://example.org/request' });
    },
  );

  test('leaves out a null that the schema does not require', async () => {
    const optional = validateJsonSchema(Request, { properties: { country: { type: 'string' } } });
    expect((await feed(optional, [row])).rejected).toEqual([]);
    const required = validateJsonSchema(Request, {
      required: ['country'],
      properties: { country: { type: 'string' } },
    });
    expect((await feed(required, [row])).rejected).toEqual([{ row: 0, reason: 'country: type' }]);
    const missing = validateJsonSchema(Request, { required: ['nope'] });
    expect((await feed(missing, [row])).rejected).toEqual([{ row: 0, reason: 'nope: required' }]);
  });

  test('refuses a schema that is none, or of another draft', () => {
    expect(() => validateJsonSchema(Request, { type: 'strin' })).toThrow('schema is invalid');
    expect(() =>
      validateJsonSchema(Request, { $schema: 'http://json-schema.org/draft-03/schema#' }),
    ).toThrow('use draft 2020-12 or draft-07');
  });
});

const Reading = {
  type: 'record',
  name: 'Reading',
  fields: [
    { name: 'host', type: 'string' },
    { name: 'status', type: { type: 'enum', name: 'Status', symbols: ['ok'] } },
  ],
};

describe('validateAvro', () => {
  test('passes rows that the schema can write, and rejects the rest with path and type', async () => {
    const Record = {
      type: 'record',
      name: 'request',
      fields: [
        { name: 'host', type: 'string' },
        { name: 'status', type: 'int' },
        { name: 'ip', type: { type: 'enum', name: 'Known', symbols: ['A', 'B'] } },
        { name: 'country', type: ['null', 'string'] },
        {
          name: 'tags',
          type: { type: 'array', items: { type: 'enum', name: 'Tag', symbols: ['x', 'y'] } },
        },
        { name: 'raw', type: { type: 'fixed', name: 'Two', size: 2 } },
      ],
    };
    const good = { ...row, ip: 'A', raw: Buffer.from('12') };
    const { streams, rejected } = await feed(validateAvro(Request, Record), [
      good,
      { ...good, country: 'DE', tags: ['y', 'x'] },
      { ...good, status: 2 ** 31 },
      { ...good, ip: '192.0.2.1' },
      { ...good, tags: ['x', 'z'] },
      { ...good, raw: Buffer.from('1') },
    ]);
    expect(rejected).toEqual([
      { row: 2, reason: 'status: not int' },
      { row: 3, reason: 'ip: not enum' },
      { row: 4, reason: 'tags/*: not enum' },
      { row: 5, reason: 'raw: not fixed' },
    ]);
    expect(streams['valid']).toHaveLength(2);
  });

  test('rejects a null where no null may be, by the path of the field', async () => {
    const Strict = { type: 'record', name: 'r', fields: [{ name: 'country', type: 'string' }] };
    expect((await feed(validateAvro(Request, Strict), [row])).rejected).toEqual([
      { row: 0, reason: 'country: not string' },
    ]);
    const Missing = {
      type: 'record',
      name: 'r',
      fields: [{ name: 'nope', type: ['string', 'int'] }],
    };
    expect((await feed(validateAvro(Request, Missing), [row])).rejected).toEqual([
      { row: 0, reason: 'nope: not union' },
    ]);
  });

  test('refuses a schema that is none, or whose unions no value can tell apart', () => {
    expect(() => validateAvro(Request, { type: 'recor' })).toThrow();
    const fields = [{ name: 'status', type: ['int', 'double'] }];
    expect(() => validateAvro(Request, { type: 'record', name: 'r', fields })).toThrow('ambiguous');
  });
});
