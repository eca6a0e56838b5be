/** Request lines from Kafka, made into anonymized records in Avro files by the hour of the request. @module */
import { z } from 'zod';
import { avroFiles } from '../../bolts/sink/avro-files/avro-files.js';
import { kafkaLines } from '../../spouts/kafka/index.js';
import { topology } from '../dsl/topology.js';
import { BROKERS, GROUP, REQUESTS, TOPICS } from './parameters.js';
import { HOURLY, webrequests } from './webrequest.js';

const params = z.object({
  brokers: BROKERS,
  topics: TOPICS,
  group: GROUP.default('kafka-to-avro'),
  out: z.string().default('out').describe('the folder for webrequest/ (Avro)'),
  ...REQUESTS,
  format: REQUESTS.format.default('varnishkafka-json'),
});

const description = 'request lines from Kafka to anonymized records in Avro files, by hour';

export default topology(
  'kafka-to-avro',
  { params, description },
  (t, { brokers, topics, group, out, ...requests }) => {
    const valid = webrequests(
      t,
      t.spout('lines', kafkaLines({ brokers, topics, group })),
      requests,
    );
    t.sink('requests', avroFiles({ dir: `${out}/webrequest`, partition: HOURLY }), {
      from: valid.shuffle(),
    });
  },
);
