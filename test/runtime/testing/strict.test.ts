import { expect, test } from '@jest/globals';
import { bolt, type Bolt } from '../../../topology/dsl/bolt.js';
import { int, text } from '../../../topology/rows/field.js';
import { extend, schema } from '../../../topology/rows/schema.js';
import { feed } from '../../../runtime/testing/index.js';

type In = { readonly host: string; readonly size: number };
const In = schema<In>('in', { host: text(), size: int() });
const Wide = extend(In, { country: text() });
type Out = { out: In & { country: string } };

/** A bolt that does `look` with its row and then passes it on as it should. */
const looking = (look: (row: In & { keep(): object }) => unknown, keeps = false): Bolt<In, Out> =>
  bolt<In, Out>({
    reads: In,
    emits: { out: Wide },
    ...(keeps && { keeps }),
    process(row: never, emit: { out: { from(row: object, fields: object): void } }) {
      look(row);
      emit.out.from(row, { country: 'FI' });
    },
  } as never);

const rows = [{ host: 'a', size: 1 }];

const wrong: [string, (row: In & { keep(): object }) => unknown][] = [
  ['spread', (row) => ({ ...row })],
  ['spread when it was kept', (row) => ({ ...row.keep() })],
  ['copied with Object.assign', (row) => Object.assign({}, row)],
  ['enumerated', (row) => Object.entries(row)],
];
test.each(wrong)('a row that is %s tells what to write instead', async (_, look) => {
  const { failed, notices } = await feed(looking(look), rows);
  expect(failed).toEqual([{ row: 0, code: 'RowError' }]);
  expect(notices).toEqual([
    expect.stringContaining(
      'A row was spread or enumerated. Write emit.<stream>.from(row, { … }) or row.toObject().',
    ),
  ]);
});

const right: [string, (row: In & { keep(): object }) => unknown][] = [
  ['read', (row) => row.host + row.size],
  ['kept, and kept again', (row) => (row.keep() as typeof row).keep()],
];
test.each(right)('a row that is %s is as in production', async (_, look) => {
  for (const keeps of [false, true]) {
    const { streams, failed } = await feed(looking(look, keeps), rows);
    expect([streams.out, failed]).toEqual([[{ host: 'a', size: 1, country: 'FI' }], []]);
  }
});
