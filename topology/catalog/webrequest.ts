/**
 * The record that request logs become, and the chain of bolts that makes it: anonymized, geotagged, validated.
 *
 * @module
 */
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
import { geotag } from '../../bolts/geotag/geotag.js';
import { parse, Request } from '../../bolts/parse/index.js';
import { validate } from '../../bolts/validate/validate.js';
import type { RawLine } from '../dsl/raw-line.js';
import type { Stream } from '../dsl/stream.js';
import type { TopologyBuilder } from '../dsl/topology.js';
import { float, int, nullable, text, time } from '../rows/field.js';
import { schema, type RowOf } from '../rows/schema.js';

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

export type Webrequest = RowOf<typeof Webrequest>;

/** Avro files by the hour of the request, in UTC: a late row goes to its own hour. */
export const HOURLY = '{dt:yyyy/MM/dd/HH}';

export interface WebrequestOptions {
  /** As `parse` takes it. */
  readonly format: string;
  /** Path of a country or city database. By default the one that ships. */
  readonly geo?: string | undefined;
  /** Query parameters to keep. */
  readonly query: readonly string[];
}

/** Wires `parse → geotag → anonymize → validate` behind a spout of request lines. */
export function webrequests(
  t: TopologyBuilder,
  lines: Stream<RawLine>,
  { format, geo, query: kept }: WebrequestOptions,
): Stream<Webrequest> {
  const { requests } = t.bolt('parse', parse({ format }), { from: lines.shuffle() });
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
  return t.bolt('validate', validate(Webrequest), { from: safe.shuffle() }).valid;
}
