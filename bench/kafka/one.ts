/** One run: `node one.js bare|topology <broker> <messages> <warm-up messages>` prints µs of CPU an event as JSON. @module */
import { Meter, measureTopology, type Measured } from '../in-process.js';
import { bareLoop } from './bare-loop.js';
import { kafkaToKafka } from './topology.js';

const [, , kind, broker = '', messages = '0', warmup = '0'] = process.argv;

async function bare(): Promise<Measured> {
  const meter = new Meter(Number(warmup));
  let done = 0;
  await bareLoop(broker, Number(messages), (count) => meter.at((done = count)));
  return meter.end(done);
}

const measured =
  kind === 'bare'
    ? await bare()
    : await measureTopology(kafkaToKafka(broker), {}, Number(warmup), true, Number(messages));
process.stdout.write(`${JSON.stringify({ value: measured.cpuUs / measured.events })}\n`);
