import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import avro from 'avsc';
import { toKafka, type ToKafkaOptions } from '../../../../bolts/sink/kafka/to-kafka.js';
import { avroSchemaOf } from '../../../../schemas/avro-schema.js';
import { bytes, int, nullable, pii, text, time } from '../../../../topology/rows/field.js';
import { fieldsOf, schema, type Schema } from '../../../../topology/rows/schema.js';
import {
  kafkaIsInstalled,
  startKafka,
  type KafkaCluster,
} from '../../../support/services/kafka.js';
import { isInstalled } from '../../../support/services/service.js';
import { FORMS, sinkContext, withRow } from '../support.js';

const Hit = schema('hit', {
  country: text(),
  page: nullable(text()),
  n: nullable(int()),
  body: nullable(bytes()),
  dt: time(),
});
const NOWHERE = { brokers: ['127.0.0.1:1'] };
const installed = kafkaIsInstalled() && isInstalled('kcat', 'kcat');
const withKafka = installed ? describe : describe.skip;

let kafka: KafkaCluster;
beforeAll(async () => {
  if (installed) kafka = await startKafka();
}, 120_000);
afterAll(async () => {
  if (installed) await kafka.remove();
});

const row = (country: string, n: number): { [field: string]: unknown } => ({
  country,
  page: `/é/${n}`,
  n,
  body: Buffer.from([n, 255]),
  dt: 1_700_000_000_000 + n,
});

/** What became of each row. */
async function sendAll(
  options: Partial<ToKafkaOptions> & { topic: string },
  rows: readonly { [field: string]: unknown }[],
  form: (typeof FORMS)[number] = 'slots',
): Promise<string[]> {
  const task = await toKafka({ brokers: kafka.brokers, ...options }).open(sinkContext(Hit));
  const sending: unknown[] = [];
  for (const values of rows)
    withRow(Hit, values, form, (row) => sending.push(task.write(row as never)));
  const settled = await Promise.allSettled(sending);
  await task.close?.();
  return settled.map((each) =>
    each.status === 'fulfilled' ? 'stored' : `${each.reason.name}: ${each.reason.message}`,
  );
}

/** `key=value` of a topic, in order, a character a byte. */
const stored = (topic: string): string[] =>
  execFileSync(
    'kcat',
    ['-b', kafka.brokers[0]!, '-C', '-t', topic, '-e', '-q', '-Z', '-f', `%k=%s${END}`],
    { encoding: 'latin1' },
  )
    .split(END)
    .slice(0, -1);

const END = '|end|';

describe('a wrong configuration is refused when it is written', () => {
  test.each<[string, ToKafkaOptions, string]>([
    ['no brokers', { brokers: [], topic: 't' }, 'brokers must be a list of host:port'],
    ['a broker without port', { brokers: ['kafka'], topic: 't' }, 'has "kafka"'],
    [
      'a codec of another world',
      { ...NOWHERE, topic: 't', compression: 'brotli' as never },
      '"brotli"',
    ],
  ])('%s', (_, options, message) => {
    expect(() => toKafka(options)).toThrow(message);
  });
});

describe('what does not fit the rows is refused before any broker is asked', () => {
  const Sealed = schema('sealed', { ip: pii('ip'), host: text(), ratio: nullable(time()) });
  test.each<[string, Schema, Partial<ToKafkaOptions>, string]>([
    ['a topic of a missing field', Hit, { topic: 'a-{b}' }, '"b"'],
    ['a topic of a sealed field', Sealed, { topic: 'a-{ip}' }, 'sealed'],
    [
      'a missing key',
      Hit,
      { key: 'nobody' },
      'key names the field "nobody", which the rows of "hit" do not have',
    ],
    [
      'a sealed key',
      Sealed,
      { key: 'ip' },
      'key names the field "ip", which is sealed: anonymize it',
    ],
    [
      'a key of a time',
      Hit,
      { key: 'dt' },
      'key takes a field of type text or int or bytes, but "dt" is of type time',
    ],
    [
      'a sealed value',
      Sealed,
      { value: { bytes: 'ip' } },
      'value names the field "ip", which is sealed',
    ],
    ['a row with a sealed field', Sealed, { value: 'json' }, 'sealed'],
    ['a schema id that is none', Hit, { value: { avro: { schemaId: -1 } } }, 'value.avro.schemaId'],
    ['a value that is none', Hit, { value: 'xml' as never }, `value must be 'json'`],
  ])('%s', async (_, reads, options, message) => {
    const opening = async (): Promise<unknown> =>
      toKafka({ ...NOWHERE, topic: 't', ...options }).open(sinkContext(reads));
    await expect(opening()).rejects.toThrow(message);
  });
});

test('neither passwords nor keys are parameters', () => {
  const { parameters } = toKafka({
    ...NOWHERE,
    topic: 't',
    ssl: { key: 'private' },
    sasl: { mechanism: 'plain', username: 'me', password: 'secret' },
  });
  expect(parameters).toEqual({ ...NOWHERE, topic: 't', value: 'json', compression: 'lz4' });
});

withKafka('rows in Kafka', () => {
  test.each(FORMS)(
    'are JSON with the key that was chosen, whatever form they had (%s)',
    async (form) => {
      await kafka.createTopic(`json-${form}`);
      const rows = [row('fr', 1), { ...row('de', 2), page: null, n: null, body: null }];
      expect(await sendAll({ topic: `json-${form}`, key: 'country' }, rows, form)).toEqual([
        'stored',
        'stored',
      ]);
      const dt = (n: number): string => new Date(1_700_000_000_000 + n).toISOString();
      expect(stored(`json-${form}`).map((text) => Buffer.from(text, 'latin1').toString())).toEqual([
        `fr={"country":"fr","page":"/é/1","n":1,"body":"Af8=","dt":"${dt(1)}"}`,
        `de={"country":"de","page":null,"n":null,"body":null,"dt":"${dt(2)}"}`,
      ]);
    },
  );

  test('are Avro behind the prefix of the schema registry', async () => {
    await kafka.createTopic('avro');
    await sendAll(
      { topic: 'avro', value: { avro: { schemaId: 0x01020304 } }, key: 'n', compression: 'zstd' },
      [row('fr', 1)],
    );
    const [message] = stored('avro');
    const value = Buffer.from(message!, 'latin1').subarray('1='.length);
    expect(value.subarray(0, 5).toString('hex')).toBe('0001020304');
    const type = avro.Type.forSchema(
      avroSchemaOf({ title: 'hit', fields: Object.fromEntries(fieldsOf(Hit)) }) as never,
    );
    expect({ ...type.fromBuffer(value.subarray(5)) }).toMatchObject({
      country: 'fr',
      page: '/é/1',
    });
  });

  test('are one field as it is', async () => {
    await kafka.createTopic('field');
    await sendAll({ topic: 'field', value: { bytes: 'body' }, key: 'body' }, [
      row('fr', 1),
      { ...row('fr', 2), body: null },
    ]);
    expect(stored('field')).toEqual(['\u0001ÿ=\u0001ÿ', 'NULL=NULL']);
  });

  test('go to the topic that each names; where there is none, the row alone is rejected, and no value is told', async () => {
    await kafka.createTopic('to-fr');
    await kafka.createTopic('to-de');
    const countries = ['fr', 'de', 'x x', 'zz', 'fr'];
    const ends = await sendAll({ topic: 'to-{country}', key: 'country' }, countries.map(row));
    expect(ends).toEqual([
      'stored',
      'stored',
      'Rejected: invalid topic name',
      'Rejected: topic missing',
      'stored',
    ]);
    expect(stored('to-fr')).toHaveLength(2);
    expect(stored('to-de')).toHaveLength(1);
  });

  test('are counted', async () => {
    await kafka.createTopic('counted');
    const counts: { [name: string]: number } = {};
    const counter = (name: string) => ({
      add: (by = 1) => void (counts[name] = (counts[name] ?? 0) + by),
    });
    const task = await toKafka({
      brokers: kafka.brokers,
      topic: 'counted',
      compression: 'none',
    }).open(sinkContext(Hit, { counter }));
    const sending: unknown[] = [];
    for (let n = 0; n < 100; n++)
      withRow(Hit, row('fr', n), 'slots', (each) => sending.push(task.write(each as never)));
    await Promise.all(sending);
    await task.close?.();
    expect(counts).toMatchObject({ kafka_records_total: 100 });
    expect(counts['kafka_bytes_total']).toBeGreaterThan(5000);
  });
});
