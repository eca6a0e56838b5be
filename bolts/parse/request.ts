/** A web request as the caches log it: Wikimedia's webrequest record of 2014, with a deterministic id. @module */
import { float, int, nullable, pii, text, time } from '../../topology/rows/field.js';
import { schema, type RowOf } from '../../topology/rows/schema.js';

/**
 * What `parse` emits unless told otherwise. Every text that a client can choose is sealed.
 * Fields that a format does not carry are null, as is what a line leaves out (`-`).
 */
export const Request = schema('request', {
  /** A version 5 UUID (RFC 9562), the same on every replay. */
  id: text(),
  /** When the cache got the request. */
  dt: time(),
  /** The cache host that logged it. */
  hostname: nullable(pii('free_text')),
  /** Counts the lines of a host; a gap is loss. Older caches let it wrap below zero. */
  sequence: nullable(int()),
  ip: pii('ip'),
  cache_status: nullable(pii('free_text')),
  http_status: nullable(int()),
  /** In bytes. */
  response_size: nullable(int()),
  /** In seconds; udp2log's service time. */
  time_firstbyte: nullable(float()),
  http_method: nullable(pii('free_text')),
  uri_host: nullable(pii('free_text')),
  uri_path: nullable(pii('url')),
  /** With its `?`, as Varnish writes it. */
  uri_query: nullable(pii('url')),
  content_type: nullable(pii('free_text')),
  referer: nullable(pii('referer')),
  x_forwarded_for: nullable(pii('ip')),
  user_agent: nullable(pii('user_agent')),
  accept_language: nullable(pii('language')),
});

export type Request = RowOf<typeof Request>;
