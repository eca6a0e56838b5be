/**
 * What of a file is done and what is left, as ranges of bytes that say nothing of tasks.
 *
 * A partition's name ends in `<start>-<end>` (or `<start>-` while the file may grow), and its
 * position p means: the lines that start in [start, p) are done. So whatever number of tasks
 * committed it, the next run subtracts it and divides the rest anew.
 *
 * @module
 */

/** The lines that start in [from, end) are to be read, and those that start in [start, from) are done. */
export interface Range {
  readonly start: number;
  readonly from: number;
  /** Infinity: as far as the file grows. */
  readonly end: number;
}

/** The lines that start in [start, end) are done. */
export interface Done {
  readonly start: number;
  readonly end: number;
}

/**
 * What is left of [0, size). Each range is named by the beginning of the done stretch before it,
 * so that a file read on and on keeps one partition.
 */
export function remaining(done: readonly Done[], size: number): Range[] {
  const ranges: Range[] = [];
  let start = 0;
  let from = 0;
  for (const next of [...done].sort((a, b) => a.start - b.start)) {
    if (next.start > from) {
      if (from < size) ranges.push({ start, from, end: Math.min(next.start, size) });
      start = next.start;
    }
    from = Math.max(from, next.end);
  }
  if (from < size) ranges.push({ start, from, end: size });
  return ranges;
}

/** Whether `from` may lie within a line: a range cut off another does, all others go on where lines were done. */
export const isCut = ({ start, from }: Range): boolean => from === start && start > 0;

/** The last part of a partition's name. */
export const rangeName = ({ start, end }: Range): string =>
  `${start}-${end === Infinity ? '' : end}`;
