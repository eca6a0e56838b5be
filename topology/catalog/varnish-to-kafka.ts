/** What a Varnish of this machine serves, made into anonymized records in a Kafka topic, as varnishkafka's place in the pipeline. @module */
import { z } from 'zod';
import { toKafka } from '../../bolts/sink/kafka/to-kafka.js';
import { varnish } from '../../spouts/varnish/index.js';
import { topology } from '../dsl/topology.js';
import { BROKERS, INSTANCE, REQUESTS, SELECT, TO } from './parameters.js';
import { webrequests } from './webrequest.js';

const format = REQUESTS.format.default('varnishncsa');
const params = z.object({
  name: INSTANCE,
  select: SELECT,
  brokers: BROKERS,
  to: TO,
  ...REQUESTS,
  format,
});

const description = 'what a Varnish of this machine serves to anonymized records in Kafka';

export default topology(
  'varnish-to-kafka',
  { params, description },
  (t, { name, select, brokers, to, ...requests }) => {
    const lines = varnish({
      mode: 'ncsa',
      format: requests.format,
      ...(name !== undefined && { name }),
      ...(select !== undefined && { query: select }),
    });
    const valid = webrequests(t, t.spout('lines', lines), requests);
    t.sink('requests', toKafka({ brokers, topic: to, key: 'id' }), { from: valid.shuffle() });
  },
);
