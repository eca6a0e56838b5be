/** What the compiler refuses in the pipe of an `rx` bolt, and what it lets through. `says:` as in `wiring.ts`. @module */
import * as rxjs from 'rxjs';
import {
  anchored,
  bufferTime,
  debounceTime,
  filter,
  groupBy,
  map,
  mergeMap,
  passing,
  rx,
  toArray,
  type Rows,
} from '../../bolts/rx/index.js';
import { topology } from '../../topology/dsl/topology.js';
import { int, text } from '../../topology/rows/field.js';
import { schema } from '../../topology/rows/schema.js';
import { anything, lines, parse, Request } from './components.js';

const Count = schema('count', { host: text(), n: int() });

const halves = (counts: Rows<{ host: string; n: number }>): Rows<{ host: string; n: number }> =>
  counts.pipe(map((count) => ({ ...count, n: count.n / 2 })));

export const allowed = rx({
  reads: Request,
  emits: { counts: Count, same: Request, late: Request },
  needs: ['host'],
  pipe: (rows, scheduler) => ({
    counts: rows.pipe(
      groupBy(
        (row) => row.host,
        (group) => group.pipe(debounceTime('10s')),
      ),
      mergeMap((group) =>
        group.pipe(
          toArray(),
          map((all) => ({ host: group.key, n: all.length })),
        ),
      ),
      halves,
    ),
    same: rows.pipe(
      filter((row) => row.$host.length > 0),
      bufferTime('1s'),
      mergeMap((all) => all),
      passing(rxjs.tap((row) => void row.status)),
    ),
    late: rows.pipe(
      anchored(rxjs.delay(100, scheduler)),
      mergeMap(async (row) => row.toObject()),
    ),
  }),
});

rx({
  reads: Request,
  emits: { same: Request },
  // @ts-expect-error an operator of RxJS cannot say what it keeps
  pipe: (rows) => ({ same: rows.pipe(rxjs.delay(100)) }), // says: Operator; Rows
});

rx({
  reads: Request,
  emits: { counts: Count },
  // @ts-expect-error a field is missing
  pipe: (rows) => ({ counts: rows.pipe(map((row) => ({ host: row.host }))) }), // says: n
});

rx({
  reads: Request,
  emits: { counts: Count },
  // @ts-expect-error a sealed value is no text
  pipe: (rows) => ({ counts: rows.pipe(map((row) => ({ host: row.ip, n: 1 }))) }), // says: Pii<"ip">
});

rx({
  reads: Request,
  emits: { same: Request, other: Request },
  // @ts-expect-error a stream is missing
  pipe: (rows) => ({ same: rows }), // says: other
});

rx({
  reads: Request,
  emits: { same: Request },
  pipe: (rows) => ({
    // @ts-expect-error a field that is not read
    same: rows.pipe(filter((row) => row.hots === 'a')), // says: hots; host
  }),
});

topology('grouped', (t) => {
  const { requests } = t.bolt('parse', parse, { from: t.spout('lines', lines).shuffle() });
  // @ts-expect-error rows must come by host
  const { counts } = t.bolt('count', allowed, { from: requests.shuffle() }); // says: shuffle; by host
  t.sink('out', anything, { from: counts.shuffle() });
});
