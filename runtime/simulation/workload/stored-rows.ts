/** A sink of the simulation's own, against the public interface: rows as lines of a journal, many by one flush. @module */
import { join } from 'node:path';
import { sink, type PublicRow, type Sink } from '../../../topology/dsl/sink.js';
import type { Kept } from '../../../topology/rows/row.js';
import { Journal } from '../../state/journal.js';
import { durably } from '../../state/durably.js';
import { OUT } from '../places.js';
import { stage } from './stage.js';

/** After so many rows the file is replaced by one that holds the same. */
const REPLACE_ROWS = 40;

export const storedRows = <R extends PublicRow>(): Sink<R> =>
  sink<R>({
    kind: 'stored-rows',
    async open({ component, task, worker, reads, stalled }) {
      const path = join(OUT, `${component}-${task}.rows`);
      const { clock, store } = stage().processOf(worker).world;
      const { journal, records } = await durably(() => Journal.open(path, store), {
        clock,
        onStall: stalled,
        onResume: () => stalled(null),
      });
      const all = records.map((record) => Buffer.from(record));
      const names = Object.keys(reads.fields);
      let written = 0;
      return {
        write(row) {
          const values = (row as Kept<object>).keep() as { [field: string]: unknown };
          const record = Buffer.from(
            JSON.stringify(Object.fromEntries(names.map((name) => [name, values[name]]))),
          );
          all.push(record);
          if (++written % REPLACE_ROWS === 0) journal.replaceAll(all);
          else journal.append(record);
          return record.length;
        },
        flush: () => journal.flush(),
        close: () => journal.close(),
        outputs: () => [path],
      };
    },
  });
