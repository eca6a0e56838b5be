/**
 * Request logs as caches write them, made into anonymized, geotagged, validated records.
 *
 * @module
 */
import { z } from 'zod';
import { countBy } from '../../bolts/count-by/count-by.js';
import { route } from '../../bolts/route/route.js';
import { avroFiles } from '../../bolts/sink/avro-files/avro-files.js';
import { jsonLines } from '../../bolts/sink/json-lines/json-lines.js';
import { toKafka } from '../../bolts/sink/kafka/to-kafka.js';
import { file } from '../../spouts/file/index.js';
import { generate } from '../../spouts/generate/index.js';
import { kafkaLines } from '../../spouts/kafka/index.js';
import { udp } from '../../spouts/udp/index.js';
import { varnish } from '../../spouts/varnish/index.js';
import type { RawLine } from '../dsl/raw-line.js';
import type { PublicRow, Sink } from '../dsl/sink.js';
import type { Spout } from '../dsl/spout.js';
import { topology } from '../dsl/topology.js';
import {
  BROKERS,
  GROUP,
  HOST,
  INSTANCE,
  PORT,
  REQUESTS,
  SELECT,
  TO,
  TOPICS,
} from './parameters.js';
import { HOURLY, Webrequest, webrequests } from './webrequest.js';

const params = z.object({
  source: z
    .enum(['file', 'generate', 'kafka', 'udp', 'varnish'])
    .optional()
    .describe('where lines come from; without it from input, or generated where there is none'),
  input: z
    .string()
    .optional()
    .describe('a file, a glob, or - for stdin; without it lines are generated'),
  ...REQUESTS,
  format: REQUESTS.format.describe(
    `${REQUESTS.format.description}; of source=varnish its own, varnishncsa, unless another is given`,
  ),
  out: z
    .string()
    .default('out')
    .describe('the folder for webrequest/ (Avro, or JSON lines by sink) and counts/ (JSON lines)'),
  lines: z
    .int()
    .positive()
    .optional()
    .describe('how many lines to generate; without it they never end'),
  rate: z
    .number()
    .positive()
    .optional()
    .describe('how many lines a second to generate; without it as many as are taken'),
  follow: z.boolean().default(false).describe('go on at the end of the input, as tail -F does'),
  sink: z
    .enum(['avro', 'kafka', 'jsonLines'])
    .default('avro')
    .describe('where records go; counts are always JSON lines'),
  brokers: BROKERS.optional(),
  topics: TOPICS.optional(),
  group: GROUP.default('canonicalize'),
  to: TO.optional(),
  port: PORT.optional(),
  host: HOST,
  name: INSTANCE,
  select: SELECT,
});

type Parameters = z.output<typeof params>;

const description =
  'request logs to anonymized, geotagged, validated records, in Avro files or in Kafka, and counts per country and minute';

export default topology('canonicalize', { params, description }, (t, parameters) => {
  const { out } = parameters;
  refuseUnread(parameters);
  const format = formatOf(parameters);
  const lines = t.spout('lines', sourceOf({ ...parameters, format }));
  const valid = webrequests(t, lines, { ...parameters, format });
  const everyOne = route(
    Webrequest,
    { records: () => true, counted: () => true },
    { match: 'all' },
  );
  const { records, counted, unmatched } = t.bolt('route', everyOne, { from: valid.shuffle() });
  t.discard(unmatched, 'every request is stored and counted');
  t.sink('requests', sinkOf(parameters), { from: records.shuffle() });
  const perCountry = countBy(Webrequest, 'country_code', { every: '1m', time: 'dt' });
  const { totals } = t.bolt('perCountry', perCountry, { from: counted.by('country_code') });
  t.sink('counts', jsonLines({ dir: `${out}/counts` }), { from: totals.shuffle() });
});

/** No Varnish can write udp2log, the default: where nothing else is asked for it writes its own format. */
const formatOf = ({ source, format }: Parameters): string =>
  source === 'varnish' && format === 'udp2log' ? 'varnishncsa' : format;

const sourceName = ({ source, input }: Parameters): NonNullable<Parameters['source']> =>
  source ?? (input === undefined ? 'generate' : 'file');

/** What is for some choices only. */
const READ: { readonly [choice: string]: readonly (keyof Parameters)[] } = {
  'source=file': ['input', 'follow'],
  'source=generate': ['lines', 'rate'],
  'source=kafka': ['brokers', 'topics', 'group'],
  'source=udp': ['port', 'host'],
  'source=varnish': ['name', 'select'],
  'sink=kafka': ['brokers', 'to'],
};

/** @throws Error that names a parameter that was given and is for other choices */
function refuseUnread(parameters: Parameters): void {
  const chosen = [`source=${sourceName(parameters)}`, `sink=${parameters.sink}`];
  const defaults = params.parse({});
  for (const name of new Set(Object.values(READ).flat())) {
    const readers = Object.keys(READ).filter((choice) => READ[choice]!.includes(name));
    if (parameters[name] === defaults[name] || readers.some((each) => chosen.includes(each)))
      continue;
    throw new Error(
      `the parameter "${name}" is for ${readers.join(' and ')}, and this is ${chosen.join(' and ')}. Leave it out, or choose what reads it.`,
    );
  }
}

/** @throws Error that names the parameter that is missing */
function sourceOf(parameters: Parameters): Spout<RawLine> {
  const { lines, rate, follow, group, host, format, name, select } = parameters;
  const source = sourceName(parameters);
  const given = needed(`source=${source}`, parameters);
  if (source === 'generate')
    return generate({
      ...(lines !== undefined && { lines }),
      ...(rate !== undefined && { ratePerSecond: rate }),
    });
  if (source === 'file') return file({ path: given('input'), follow });
  if (source === 'udp') return udp({ port: given('port'), host });
  if (source === 'kafka')
    return kafkaLines({ brokers: given('brokers'), topics: given('topics'), group });
  return varnish({
    mode: 'ncsa',
    format,
    ...(name !== undefined && { name }),
    ...(select !== undefined && { query: select }),
  });
}

/** @throws Error that names the parameter that is missing */
function sinkOf(parameters: Parameters): Sink<PublicRow> {
  const { sink, out } = parameters;
  const given = needed(`sink=${sink}`, parameters);
  const files = { dir: `${out}/webrequest`, partition: HOURLY };
  if (sink === 'avro') return avroFiles(files);
  if (sink === 'jsonLines') return jsonLines(files);
  return toKafka({ brokers: given('brokers'), topic: given('to'), key: 'id' });
}

/** Reads parameters that are optional but for some choices. */
const needed =
  (why: string, parameters: Parameters) =>
  <N extends keyof Parameters>(name: N): NonNullable<Parameters[N]> => {
    const value = parameters[name];
    if (value === undefined || value === null)
      throw new Error(`${why} needs the parameter "${name}".`);
    return value;
  };
