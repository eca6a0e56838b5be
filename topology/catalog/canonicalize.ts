/**
 * Request logs as caches write them, made into anonymized, geotagged, validated records.
 *
 * @module
 */
import { z } from 'zod';
import {
  anonymize,
  drop,
  family,
  mask,
  path,
  primaryLanguage,
  query,
  registrableDomain,
  truncate,
} from '../../bolts/anonymize/index.js';
import { countBy } from '../../bolts/count-by/count-by.js';
import { geotag } from '../../bolts/geotag/geotag.js';
import { parse, Request } from '../../bolts/parse/index.js';
import { route } from '../../bolts/route/route.js';
import { avroFiles } from '../../bolts/sink/avro-files/avro-files.js';
import { jsonLines } from '../../bolts/sink/json-lines/json-lines.js';
import { validate } from '../../bolts/validate/validate.js';
import { file } from '../../spouts/file/index.js';
import { generate } from '../../spouts/generate/index.js';
import { topology } from '../dsl/topology.js';
import { float, int, nullable, text, time } from '../rows/field.js';
import { schema } from '../rows/schema.js';

/** What is stored: names from Wikimedia's webrequest table. */
export const Webrequest = schema('webrequest', {
  /** A version 5 UUID, the same for the same line on every replay. */
  id: text({ minLength: 36, maxLength: 36 }),
  dt: time(),
  hostname: nullable(text()),
  sequence: nullable(int()),
  /** v4 /24, v6 /48, canonical text. */
  ip: text({ minLength: 2 }),
  /** ISO 3166; `--` unknown. */
  country_code: text({ minLength: 2, maxLength: 2 }),
  cache_status: nullable(text()),
  http_status: nullable(int({ min: 0, max: 999 })),
  response_size: nullable(int({ min: 0 })),
  /** In seconds. */
  time_firstbyte: nullable(float()),
  http_method: nullable(text()),
  uri_host: nullable(text()),
  /** Percent-encoding kept; segments that are an address or an e-mail are `[ip]`, `[email]`. */
  uri_path: nullable(text()),
  uri_query: nullable(text()),
  content_type: nullable(text()),
  referer_domain: nullable(text()),
  accept_language: nullable(text()),
  browser_family: nullable(text()),
  browser_major: nullable(text()),
  os_family: nullable(text()),
  agent_type: text({ oneOf: ['user', 'spider'] }),
});

const params = z.object({
  input: z
    .string()
    .optional()
    .describe('a file, a glob, or - for stdin; without it lines are generated'),
  format: z
    .string()
    .default('udp2log')
    .describe(
      'a named format (udp2log, varnishncsa, apache-combined, apache-common, varnishkafka-json) or a log-format string',
    ),
  out: z
    .string()
    .default('out')
    .describe('the folder for webrequest/ (Avro) and counts/ (JSON lines)'),
  geo: z
    .string()
    .optional()
    .describe('a country or city database (.mmdb); without it the one that ships'),
  lines: z
    .int()
    .positive()
    .optional()
    .describe('how many lines to generate; without it they never end'),
  follow: z.boolean().default(false).describe('go on at the end of the input, as tail -F does'),
  query: z.array(z.string()).default([]).describe('query parameters to keep'),
});

const description =
  'request logs to anonymized, geotagged, validated records in Avro files, and counts per country and minute';

export default topology(
  'canonicalize',
  { params, description },
  (t, { input, format, out, geo, lines, follow, query: kept }) => {
    const source =
      input === undefined
        ? generate(lines === undefined ? {} : { lines })
        : file({ path: input, follow });
    const from = t.spout('lines', source);
    const { requests } = t.bolt('parse', parse({ format }), { from: from.shuffle() });
    const locating = geotag(Request, geo === undefined ? {} : { database: geo });
    const { located } = t.bolt('geotag', locating, { from: requests.shuffle() });
    const anonymizing = anonymize(locating.emits.located, {
      hostname: mask(),
      ip: truncate({ v4: 24, v6: 48 }),
      cache_status: mask(),
      http_method: mask(),
      uri_host: mask(),
      uri_path: path(),
      uri_query: query(kept),
      content_type: mask(),
      referer: registrableDomain(),
      x_forwarded_for: drop(),
      user_agent: family(),
      accept_language: primaryLanguage(),
    });
    const { safe } = t.bolt('anonymize', anonymizing, { from: located.shuffle() });
    const { valid } = t.bolt('validate', validate(Webrequest), { from: safe.shuffle() });
    const everyOne = route(
      Webrequest,
      { records: () => true, counted: () => true },
      { match: 'all' },
    );
    const { records, counted, unmatched } = t.bolt('route', everyOne, { from: valid.shuffle() });
    t.discard(unmatched, 'every request is stored and counted');
    t.sink('requests', avroFiles({ dir: `${out}/webrequest`, partition: '{dt:yyyy/MM/dd/HH}' }), {
      from: records.shuffle(),
    });
    const perCountry = countBy(Webrequest, 'country_code', { every: '1m', time: 'dt' });
    const { totals } = t.bolt('perCountry', perCountry, { from: counted.by('country_code') });
    t.sink('counts', jsonLines({ dir: `${out}/counts` }), { from: totals.shuffle() });
  },
);
