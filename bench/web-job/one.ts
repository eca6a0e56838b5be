/** One run: `node one.js hand|topology <input> <out dir> <warm-up lines> [on|off: acking]` prints µs of CPU an event as JSON. @module */
import { join } from 'node:path';
import { Meter, measureTopology, type Measured } from '../in-process.js';
import { webJobByHand } from './hand-loop.js';
import { webJob } from './topology.js';

const [, , kind, input = '', out = '', warmup = '0', acking = 'on'] = process.argv;

async function byHand(): Promise<Measured> {
  const meter = new Meter(Number(warmup));
  let lines = 0;
  await webJobByHand(input, join(out, 'by-hand.avro'), (done) => {
    lines = done;
    meter.at(done);
  });
  return meter.end(lines);
}

const measured =
  kind === 'hand'
    ? await byHand()
    : await measureTopology(webJob(input, out), {}, Number(warmup), acking === 'on');
process.stdout.write(`${JSON.stringify({ value: measured.cpuUs / measured.events })}\n`);
