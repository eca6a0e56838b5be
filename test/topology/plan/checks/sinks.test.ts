import { describe, expect, test } from '@jest/globals';
import { avroFiles } from '../../../../bolts/sink/avro-files/avro-files.js';
import { jsonLines } from '../../../../bolts/sink/json-lines/json-lines.js';
import { toKafka } from '../../../../bolts/sink/kafka/to-kafka.js';
import { redis } from '../../../../bolts/sink/redis/redis.js';
import { sink, type PublicRow, type Sink } from '../../../../topology/dsl/sink.js';
import { int, text, time } from '../../../../topology/rows/field.js';
import { fieldsOf } from '../../../../topology/rows/schema.js';
import { built, refusal, spoutOf } from '../support.js';

const lines = spoutOf({ id: text(), dt: time(), n: int() });

/** What a plan with this sink is refused with. */
function refused(out: Sink<PublicRow>): { code: string; message: string } {
  return refusal((t) => t.sink('out', out, { from: t.spout('lines', lines).shuffle() as never }));
}

const brokers = ['127.0.0.1:9'];
const dir = '/nowhere';
const key = 'k';

describe('a plan refuses a sink that cannot store the rows of its input, and names the sink', () => {
  test.each<[string, Sink<PublicRow>, string]>([
    ['a key', redis({ command: 'SET', key: 'k:{nope}' }), 'the field "nope", which the rows of'],
    ['a time', redis({ command: 'SET', key: 'k:{dt}' }), 'The template "k:{dt}" needs a pattern'],
    ['a brace', redis({ command: 'HINCRBY', key, field: '{id' }), 'a brace too many or too few'],
    ['a ttl', redis({ command: 'SET', key, ttl: '5x' as never }), '"5x" is not a duration'],
    [
      'an id',
      redis({ command: 'SET', key, once: { id: '{nope}', window: '1h' } }),
      'the field "nope"',
    ],
    ['a topic', toKafka({ brokers, topic: 'web-{nope}' }), 'the field "nope"'],
    ['a topic that can be none', toKafka({ brokers, topic: 'bad/name' }), 'no name of a topic'],
    ['a part of topics', toKafka({ brokers, topic: 'bad name-{id}' }), 'no name of a topic'],
    ['a brace in a topic', toKafka({ brokers, topic: 'web-{id' }), 'a brace too many or too few'],
    ['the key of messages', toKafka({ brokers, topic: 'web', key: 'nope' }), 'the field "nope"'],
    ['a value', toKafka({ brokers, topic: 'web', value: { bytes: 'n' } }), 'value takes a field'],
    ['a folder of JSON', jsonLines({ dir, partition: '{nope}' }), 'the field "nope"'],
    ['a folder of Avro', avroFiles({ dir, partition: '{n}' }), '"n" is of type int'],
  ])('%s', (_what, out, message) => {
    const error = refused(out);
    expect(error.code).toBe('unfit-sink');
    expect(error.message).toContain('"out": ');
    expect(error.message).toContain(message);
  });
});

test('a sink is shown the schema of the stream that it reads', () => {
  const shown: string[] = [];
  const out = sink<PublicRow>({
    kind: 'shown',
    fits: (reads) => void shown.push(...fieldsOf(reads).map(([name]) => name)),
    open: () => ({ write: () => undefined }),
  });
  built((t) => t.sink('out', out, { from: t.spout('lines', lines).shuffle() as never }));
  expect(shown).toEqual(['id', 'dt', 'n']);
});
