/** A spout of lines that uses the memory of a batch again as soon as it is released, as the real ones do. @module */
import { LineBatch } from '../../../topology/dsl/line-batch.js';
import { RawLine } from '../../../topology/dsl/raw-line.js';
import { spout, type Spout } from '../../../topology/dsl/spout.js';

export interface Lines {
  readonly partition: string;
  readonly count: number;
}

/** Line i of a partition is its name and i; its position is i + 1. */
export const lineName = (partition: string, i: number): string => `${partition}:${i}`;

/** @param rejected whether a line may not be emitted at all */
export function linesSpout(
  batches: readonly Lines[],
  rejected: (line: string) => boolean = () => false,
): Spout<RawLine> {
  return spout<RawLine>({
    kind: 'lines',
    emits: RawLine,
    tasks: 1,
    open({ committed }) {
      const free: LineBatch[] = [];
      const next = new Map<string, number>();
      let at = 0;
      const fill = ({ partition, count }: Lines): LineBatch => {
        const batch = free.shift() ?? new LineBatch(4096, 4);
        batch.begin(partition, partition, `${partition}.log`);
        const first = next.get(partition) ?? 0;
        let end = 0;
        for (let i = first; i < first + count; i++) {
          if (i < (committed.get(partition) ?? 0)) continue;
          const start = end;
          end += batch.bytes.write(lineName(partition, i), start);
          batch.add(
            start,
            end,
            i,
            i + 1,
            rejected(lineName(partition, i)) ? 'too long' : undefined,
          );
        }
        next.set(partition, first + count);
        batch.end();
        return batch;
      };
      return {
        poll: () => (at === batches.length ? 'done' : fill(batches[at++]!)),
        release(batch) {
          spoil(batch as LineBatch);
          free.push(batch as LineBatch);
        },
      };
    },
  });
}

/** Whoever still reads it reads nonsense. */
function spoil(batch: LineBatch): void {
  const { count } = batch;
  batch.begin('released', 'released', 'released');
  batch.bytes.fill(0);
  for (let i = 0; i < count; i++) batch.add(0, 0, 1e9, 1e9);
}
