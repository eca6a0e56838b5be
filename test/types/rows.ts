/** What the compiler refuses inside a bolt, and what it lets through. `says:` as in `wiring.ts`. @module */
import { bolt } from '../../topology/dsl/bolt.js';
import { sink } from '../../topology/dsl/sink.js';
import { int, list, nullable, pii, text } from '../../topology/rows/field.js';
import { seal } from '../../topology/rows/pii.js';
import type { Kept } from '../../topology/rows/row.js';
import { schema, type RowOf } from '../../topology/rows/schema.js';
import type { Text } from '../../topology/rows/text.js';
import { Located, Request } from './components.js';

const Short = schema('short', { host: text() });
type Short = RowOf<typeof Short>;
const Loose = schema('loose', {
  host: nullable(text()),
  n: nullable(int()),
  ip: nullable(pii('ip')),
  tags: list(text()),
});

const state = new Map<string, Kept<Request>>();

export const allowed = bolt({
  reads: Request,
  emits: { short: Short, same: Request, located: Located, loose: Loose },
  process(row, emit) {
    emit.short({ host: row.host });
    emit.short({ host: row.$host });
    emit.short(row);
    emit.short.from(row, {});
    emit.same(row);
    emit.same(row.toObject());
    emit.located({ ...row.toObject(), country: 'FI' });
    emit.located.from(row, { country: 'FI' });
    emit.located.from(row, { country: row.$host, host: row.$host, ip: seal('ip', '192.0.2.1') });
    emit.loose({ host: null, n: null, ip: null, tags: ['a'] });
    emit.loose({ host: row.$host, n: 1, ip: row.ip, tags: [] });
    emit.loose.from(row, { n: 1, tags: [] });
    emit.loose.from(row, { n: 1, tags: [], ip: null, host: null });
    const kept = row.keep();
    state.set(kept.host, kept);
    emit.located.from(kept, { country: 'FI' });
    const undecoded: Text = row.$host;
    return undecoded.length > 0 && row.isBot;
  },
});

export const allowedNulls = bolt({
  reads: Loose,
  emits: { loose: Loose },
  process(row, emit) {
    if (row.$host !== null && row.$host.length > 0) emit.loose.from(row, { n: row.tags.length });
  },
});

export const refused = bolt({
  reads: Request,
  emits: { short: Short, same: Request, located: Located },
  process(row, emit) {
    const { ip, userAgent, host, status, isBot } = row;
    // @ts-expect-error the row has no such field
    void row.hots; // says: 'hots'
    // @ts-expect-error rows are not changed in place
    row.status = 200; // says: 'status'; read-only
    // @ts-expect-error a sealed value has no string methods
    row.userAgent.toLowerCase(); // says: 'toLowerCase'; Pii<"user_agent">
    // @ts-expect-error nor a slice
    row.ip.slice(0, 3); // says: 'slice'; Pii<"ip">
    // @ts-expect-error nor is there an undecoded form of it
    void row.$ip; // says: '$ip'
    // @ts-expect-error nor of a number
    void row.$status; // says: '$status'

    // @ts-expect-error the bolt declares no such stream
    emit.long({ host: row.host }); // says: 'long'
    // @ts-expect-error `host` is missing
    emit.short({}); // says: host
    // @ts-expect-error `isBot` is missing
    emit.same({ ip, userAgent, host, status }); // says: 'isBot'
    // @ts-expect-error `status` is no field of the stream
    emit.short({ host, status }); // says: 'status'
    // @ts-expect-error a number is no text
    emit.short({ host: 5 }); // says: 'number'; string | Text
    // @ts-expect-error a sealed value is no string
    emit.short({ host: ip }); // says: Pii<"ip">; string | Text
    // @ts-expect-error a clear string may not be put into a personal field
    emit.same({ ip: '192.0.2.1', userAgent, host, status, isBot }); // says: 'string'; Pii<"ip">
    // @ts-expect-error not even undecoded
    emit.same({ ip: row.$host, userAgent, host, status, isBot }); // says: 'Text'; Pii<"ip">
    // @ts-expect-error one kind of personal data is not another
    emit.same({ ip: userAgent, userAgent, host, status, isBot }); // says: "user_agent"; "ip"
    // @ts-expect-error a row without `country` is passed on
    emit.located(row); // says: 'country'
    // @ts-expect-error a spread row would carry no fields at run time
    emit.short({ ...row }); // says: a row was spread: write emit.<stream>.from(row, { … })
    // @ts-expect-error nor with fields added
    emit.located({ ...row, country: 'FI' }); // says: a row was spread: write emit.<stream>.from(row, { … })
    // @ts-expect-error nor when it is kept
    emit.located({ ...row.keep(), country: 'FI' }); // says: a row was spread: write emit.<stream>.from(row, { … })
    // @ts-expect-error nor into `from`
    emit.located.from(row, { ...row, country: 'FI' }); // says: a row was spread: write emit.<stream>.from(row, { … })
    // @ts-expect-error nor in place of the row
    emit.located.from({ ...row }, { country: 'FI' }); // says: 'toObject'; Live

    // @ts-expect-error `country` is missing
    emit.located.from(row, {}); // says: 'country'
    // @ts-expect-error of the wrong type
    emit.located.from(row, { country: 5 }); // says: 'number'; string | Text
    // @ts-expect-error no such field
    emit.located.from(row, { country: 'FI', contry: 'FI' }); // says: 'contry'; 'country'
    // @ts-expect-error a clear string in place of a personal field
    emit.located.from(row, { country: 'FI', ip: '192.0.2.1' }); // says: 'string'; Pii<"ip">
    // @ts-expect-error a personal field in place of a clear string
    emit.located.from(row, { country: row.ip }); // says: Pii<"ip">; string | Text

    // @ts-expect-error state takes kept rows only
    state.set('a', row); // says: Kept<
  },
});

export const nullsRefused = bolt({
  reads: Loose,
  emits: { short: Short },
  process(row, emit) {
    // @ts-expect-error `host` may be null here
    emit.short.from(row, {}); // says: 'host'
    // @ts-expect-error and so may its undecoded form
    emit.short({ host: row.$host }); // says: null; string | Text
    // @ts-expect-error a list is not changed in place
    row.tags.push('a'); // says: 'push'; readonly string[]
  },
});

const reads = Request;
const emits = { same: Request };

export const others = [
  bolt({ reads, emits, keeps: true, process: async (row, emit) => emit.same(await later(row)) }),
  bolt({ reads, emits, processBatch: (rows, emit) => rows.forEach((row) => emit.same(row)) }),
  bolt({ reads, emits, open: async () => ({ process: (row, emit) => emit.same(row) }) }),
  bolt({ reads, emits: {}, process: (row) => void row.host }),

  // @ts-expect-error rows are dead after an await unless they are kept
  bolt({ reads, emits, process: async (row, emit) => emit.same(await later(row)) }), // says: 'keeps'
  // @ts-expect-error it does nothing
  bolt({ reads, emits }), // says: missing
  // @ts-expect-error a slip of the pen
  bolt({ reads, emit: emits, process: (row) => void row.host }), // says: 'emit'; 'emits'
  // @ts-expect-error it cannot need what it does not read
  bolt({ reads, emits, needs: ['hots'], open: () => ({}) }), // says: "hots"; "host"
  // @ts-expect-error no such stream, in a task
  bolt({ reads, emits, open: () => ({ process: (row, emit) => emit.some(row) }) }), // says: 'some'
  // @ts-expect-error no such field, in a batch
  bolt({ reads, emits, processBatch: (rows) => rows.forEach((row) => row.hots) }), // says: 'hots'
  // @ts-expect-error no such field, in a sink
  sink<Short>({ kind: 'hosts', open: () => ({ write: (row) => void row.hots }) }), // says: 'hots'
];

declare function later<T>(row: T): Promise<T>;
