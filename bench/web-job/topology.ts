/** The web job as a topology, written as a user would: five bolts and a sink. @module */
import { anonymize, truncate } from '../../bolts/anonymize/index.js';
import { geotag } from '../../bolts/geotag/geotag.js';
import { parse } from '../../bolts/parse/index.js';
import { avroFiles } from '../../bolts/sink/avro-files/avro-files.js';
import { validate } from '../../bolts/validate/validate.js';
import { file } from '../../spouts/file/index.js';
import { bolt } from '../../topology/dsl/bolt.js';
import { copy, declassify } from '../../topology/dsl/lineage.js';
import { topology, type Topology } from '../../topology/dsl/topology.js';
import { float, int, nullable, pii, text } from '../../topology/rows/field.js';
import { percentDecoded } from '../../topology/rows/percent-decoded.js';
import { schema } from '../../topology/rows/schema.js';

const Web = schema('web', {
  host: text(),
  seq: int({ min: 0 }),
  timestamp: text({ minLength: 19 }),
  latency: float({ min: 0 }),
  ip: pii('ip'),
  cacheStatus: text(),
  size: int(),
  method: text({ oneOf: ['GET', 'POST', 'HEAD', 'PUT', 'OPTIONS', 'PURGE', 'DELETE'] }),
  url: text(),
  proxy: text(),
  contentType: text(),
  referrer: text(),
  xff: nullable(text()),
  userAgent: text(),
  acceptLanguage: nullable(text()),
});

const FORMAT =
  '%{@host}l\t%{@seq}n\t%{@timestamp}t\t%{Varnish:time_firstbyte@latency}x\t%{@ip}h\t%{@cacheStatus}l\t%{@size}b\t%{@method}m\t%{@url}l\t%{@proxy}l\t%{Content-Type@contentType}o\t%{Referer@referrer}i\t%{X-Forwarded-For@xff}i\t%{User-agent@userAgent}i\t%{Accept-Language@acceptLanguage}i\t%{@}l';

const decode = bolt({
  kind: 'decode',
  reads: Web,
  emits: { decoded: Web },
  // The lines are made up by `input.ts`: nobody's address, path or browser is in them.
  lineage: {
    decoded: {
      ...Object.fromEntries(
        Object.keys(Web.fields).map((name) => [name, declassify('synthetic', {}, name)]),
      ),
      ip: copy('ip'),
    },
  },
  process: (row, emit) => emit.decoded.from(row, { userAgent: percentDecoded(row.$userAgent) }),
});

const locating = geotag(Web, { as: 'country' });
const anonymizing = anonymize(locating.emits.located, { ip: truncate({ v4: 24, v6: 48 }) });

export const webJob = (input: string, out: string): Topology =>
  topology('web-job', (t) => {
    const lines = t.spout('lines', file({ path: input }));
    const { requests } = t.bolt('parse', parse({ format: FORMAT, emits: Web }), {
      from: lines.shuffle(),
    });
    const { decoded } = t.bolt('decode', decode, { from: requests.shuffle() });
    const { located } = t.bolt('geotag', locating, { from: decoded.shuffle() });
    const { safe } = t.bolt('anonymize', anonymizing, { from: located.shuffle() });
    const { valid } = t.bolt('validate', validate(anonymizing.emits.safe), {
      from: safe.shuffle(),
    });
    t.sink('archive', avroFiles({ dir: out, codec: 'null' }), { from: valid.shuffle() });
  });
