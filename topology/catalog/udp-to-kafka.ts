/** Request lines that come by UDP, as udp2log's did, made into anonymized records in a Kafka topic. @module */
import { z } from 'zod';
import { toKafka } from '../../bolts/sink/kafka/to-kafka.js';
import { udp } from '../../spouts/udp/index.js';
import { topology } from '../dsl/topology.js';
import { BROKERS, HOST, PORT, REQUESTS, TO } from './parameters.js';
import { webrequests } from './webrequest.js';

const params = z.object({ port: PORT, host: HOST, brokers: BROKERS, to: TO, ...REQUESTS });

const description = 'request lines that come by UDP to anonymized records in Kafka';

export default topology(
  'udp-to-kafka',
  { params, description },
  (t, { port, host, brokers, to, ...requests }) => {
    const valid = webrequests(t, t.spout('lines', udp({ port, host })), requests);
    t.sink('requests', toKafka({ brokers, topic: to, key: 'id' }), { from: valid.shuffle() });
  },
);
