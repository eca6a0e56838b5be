/** From topic to topic: parsed, anonymized, and stored as JSON. @module */
import { randomUUID } from 'node:crypto';
import {
  anonymize,
  drop,
  family,
  path,
  primaryLanguage,
  query,
  registrableDomain,
  truncate,
  mask,
} from '../../bolts/anonymize/index.js';
import { parse, Request } from '../../bolts/parse/index.js';
import { toKafka } from '../../bolts/sink/kafka/to-kafka.js';
import { kafkaLines } from '../../spouts/kafka/index.js';
import { topology, type Topology } from '../../topology/dsl/topology.js';
import { INPUT, OUTPUT } from './input.js';

const anonymizing = anonymize(Request, {
  hostname: mask(),
  ip: truncate({ v4: 24, v6: 48 }),
  cache_status: mask(),
  http_method: mask(),
  uri_host: mask(),
  uri_path: path(),
  uri_query: query([]),
  content_type: mask(),
  referer: registrableDomain(),
  x_forwarded_for: drop(),
  user_agent: family(),
  accept_language: primaryLanguage(),
});

export const kafkaToKafka = (broker: string): Topology =>
  topology('kafka-to-kafka', (t) => {
    const brokers = [broker];
    const lines = t.spout('lines', kafkaLines({ brokers, topics: INPUT, group: randomUUID() }));
    const { requests } = t.bolt('parse', parse({ format: 'udp2log' }), { from: lines.shuffle() });
    const { safe } = t.bolt('anonymize', anonymizing, { from: requests.shuffle() });
    t.sink('out', toKafka({ brokers, topic: OUTPUT, compression: 'lz4' }), {
      from: safe.shuffle(),
    });
  });
