/** The 16 fields of the row that hops. @module */
import { float, int, text } from '../../topology/rows/field.js';
import { schema } from '../../topology/rows/schema.js';

export const Web = schema('web', {
  hostname: text(),
  seq: int(),
  timestamp: text(),
  latency: float(),
  ip: text(),
  cacheStatus: text(),
  size: int(),
  method: text(),
  url: text(),
  proxy: text(),
  contentType: text(),
  referrer: text(),
  xff: text(),
  userAgent: text(),
  acceptLanguage: text(),
  country: text(),
});
