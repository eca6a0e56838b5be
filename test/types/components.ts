/** Small components for the type tests. Nothing here ever runs. @module */
import { bolt } from '../../topology/dsl/bolt.js';
import { RawLine } from '../../topology/dsl/raw-line.js';
import { sink, type PublicRow } from '../../topology/dsl/sink.js';
import { spout } from '../../topology/dsl/spout.js';
import { flag, int, pii, text } from '../../topology/rows/field.js';
import { seal } from '../../topology/rows/pii.js';
import { extend, schema, type RowOf } from '../../topology/rows/schema.js';

export const Request = schema('request', {
  ip: pii('ip'),
  userAgent: pii('user_agent'),
  host: text(),
  status: int(),
  isBot: flag(),
});
export type Request = RowOf<typeof Request>;
export const Malformed = schema('malformed', { line: pii('free_text'), reason: text() });
export const Located = extend(Request, { country: text() });
export const Safe = extend(Located, { ip: text(), userAgent: text() });
export const Totals = schema('totals', { key: text(), n: int() });

export const lines = spout<RawLine>({
  kind: 'lines',
  emits: RawLine,
  open: () => ({ poll: () => 'done' }),
});

export const parse = bolt({
  reads: RawLine,
  emits: { requests: Request, malformed: Malformed },
  process(row, emit) {
    const line = seal('free_text', `${row.source}:${row.offset}`);
    emit.malformed({ line, reason: 'not a request' });
    emit.requests({
      ip: seal('ip', '192.0.2.1'),
      userAgent: seal('user_agent', 'curl'),
      host: 'h',
      status: 200,
      isBot: false,
    });
  },
});

export const geotag = bolt({
  reads: Request,
  emits: { located: Located },
  process: (row, emit) => emit.located.from(row, { country: 'FI' }),
});

export const anonymize = bolt({
  reads: Located,
  emits: { safe: Safe },
  process: (row, emit) => emit.safe.from(row, { ip: '192.0.2.0', userAgent: 'curl' }),
});

/** Forgets the user agent. */
export const forgetful = bolt({
  reads: Request,
  emits: { safe: extend(Request, { ip: text() }) },
  process: (row, emit) => emit.safe.from(row, { ip: '192.0.2.0' }),
});

export const perCountry = bolt({
  reads: schema('country', { country: text() }),
  emits: { totals: Totals },
  needs: ['country'],
  open: () => ({ process: (row, emit) => emit.totals({ key: row.$country, n: 1 }) }),
});

export const perCountryAndHost = bolt({
  reads: Safe,
  emits: { totals: Totals },
  needs: ['country', 'host'],
  open: () => ({ process: (row, emit) => emit.totals({ key: row.country + row.host, n: 1 }) }),
});

export const anything = sink<PublicRow>({
  kind: 'anything',
  open: () => ({ write: () => undefined }),
});
export const hosts = sink<{ host: string }>({
  kind: 'hosts',
  open: () => ({ write: (row) => void row.$host.length }),
});
