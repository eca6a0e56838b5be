import { describe, expect, test } from '@jest/globals';
import avro from 'avsc';
import { parseAvro } from '../../../bolts/parse/index.js';
import { feed } from '../../../runtime/testing/index.js';
import {
  bytes,
  flag,
  float,
  int,
  list,
  nullable,
  pii,
  text,
  time,
} from '../../../topology/rows/field.js';
import { Pii } from '../../../topology/rows/pii.js';
import { reveal } from '../../../topology/rows/reveal.js';
import { schema } from '../../../topology/rows/schema.js';

const Hit = schema('hit', {
  page: text(),
  ip: nullable(pii('ip')),
  n: nullable(int()),
  ratio: nullable(float()),
  ok: nullable(flag()),
  body: nullable(bytes()),
  dt: nullable(time()),
  tags: nullable(list(text())),
});

const WRITTEN = {
  type: 'record',
  name: 'Hit',
  namespace: 'org.example',
  fields: [
    { name: 'tags', type: { type: 'array', items: 'string' } },
    { name: 'other', type: 'string' },
    { name: 'page', type: 'string' },
    { name: 'ip', type: ['null', 'string'] },
    { name: 'n', type: 'int' },
    { name: 'ratio', type: 'float' },
    { name: 'ok', type: 'boolean' },
    { name: 'body', type: 'bytes' },
    { name: 'dt', type: { type: 'long', logicalType: 'timestamp-millis' } },
  ],
} as const;
const OLDER = { type: 'record', name: 'Page', fields: [{ name: 'page', type: 'string' }] } as const;

/** As Confluent's serializers write it. */
function message(id: number, written: object, value: object): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeInt32BE(id, 1);
  const type = avro.Type.forSchema(written as avro.Schema);
  return Buffer.concat([prefix, type.toBuffer(value)]);
}

const VALUE = {
  tags: ['a', 'ü'],
  other: 'x',
  page: '/é',
  ip: '192.0.2.1',
  n: -7,
  ratio: 0.5,
  ok: true,
  body: Buffer.from([0, 255]),
  dt: 1_700_000_000_000,
};

const parsed = (...lines: Buffer[]) =>
  feed(
    parseAvro({ emits: Hit, schemas: { 7: WRITTEN, 8: OLDER } }),
    lines.map((line, offset) => ({ line, source: 'hits-0', offset })),
  );

test('fields are found by name in what each writer wrote; those that it lacks are null', async () => {
  const { streams, rejected } = await parsed(
    message(7, WRITTEN, VALUE),
    message(8, OLDER, { page: '/old' }),
    message(7, WRITTEN, { ...VALUE, ip: null }),
  );
  expect(rejected).toEqual([]);
  const [first, old, third] = streams['records']!;
  const { other: _, ip: __, ...open } = VALUE;
  expect(first).toMatchObject({ ...open, body: expect.anything() });
  expect([...(first!['body'] as Uint8Array)]).toEqual([0, 255]);
  expect(old).toEqual({
    page: '/old',
    ip: null,
    n: null,
    ratio: null,
    ok: null,
    body: null,
    dt: null,
    tags: null,
  });
  expect(third!['ip']).toBeNull();
});

test('personal fields leave sealed', async () => {
  const { streams } = await parsed(message(7, WRITTEN, VALUE));
  const { ip } = streams['records']![0]!;
  expect(ip).toBeInstanceOf(Pii);
  expect(reveal(ip as Pii)).toBe('192.0.2.1');
});

test('what is not Avro of a known schema is rejected without a word of it', async () => {
  const good = message(7, WRITTEN, VALUE);
  const { streams, rejected } = await parsed(
    Buffer.from('{"page":"secret"}'),
    Buffer.alloc(4),
    message(9, OLDER, { page: 'secret' }),
    good.subarray(0, -3),
    Buffer.concat([good, Buffer.from('secret')]),
    good,
  );
  expect(rejected.map(({ reason }) => reason)).toEqual([
    'not Avro behind a schema id',
    'not Avro behind a schema id',
    'the id of an unknown schema',
    'not Avro of the schema that it names',
    'not Avro of the schema that it names',
  ]);
  expect(streams['records']).toHaveLength(1);
});

describe('schemas that cannot be used are refused with their id', () => {
  test.each<[string, { [id: number]: object }, string]>([
    ['none', {}, 'schemas is empty'],
    ['no Avro', { 3: { type: 'nothing' } }, 'schemas[3] does not fit hit'],
    [
      'without a field that must be there',
      { 4: { ...OLDER, fields: [] } },
      'schemas[4] does not fit hit',
    ],
    [
      'with a field of another type',
      { 5: { ...OLDER, fields: [{ name: 'page', type: 'int' }] } },
      'schemas[5] does not fit hit',
    ],
  ])('%s', (_, schemas, message) => {
    expect(() => parseAvro({ emits: Hit, schemas })).toThrow(message);
  });
});
