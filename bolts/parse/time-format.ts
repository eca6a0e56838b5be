/** Which of the formats that `%{…}t` may have can be read, and what a bare number counts. @module */

/**
 * Milliseconds in what the time counts when it is a bare number; undefined when it cannot be read.
 *
 * @param format of strftime(3), or Apache's `sec`, `msec`, `usec`; empty for the writer's own
 */
export function timeUnitMs(format: string): number | undefined {
  const bare = format.replace(/^(begin|end):/, '').replace(/^\[(.*)\]$/, '$1');
  const spelt = bare.replaceAll('%F', '%Y-%m-%d').replaceAll('%T', '%H:%M:%S');
  if (bare === 'msec') return 1;
  if (bare === 'usec') return 0.001;
  return /^(|sec|%s|%Y-%m-%d[T ]%H:%M:%S(Z|\.?%z)?|%d\/%b\/%Y:%H:%M:%S( %z)?)$/.test(spelt)
    ? 1000
    : undefined;
}
