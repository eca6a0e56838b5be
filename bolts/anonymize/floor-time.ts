/** Makes times coarse. @module */
import { durationMs, type Duration } from '../../topology/dsl/duration.js';
import { time } from '../../topology/rows/field.js';
import type { TimeRule } from './rule.js';

/**
 * Sets a time back to the begin of its minute, hour or day, counted from 1970 UTC. Down and never to the
 * nearest, so that no time lies in the future.
 *
 * @throws Error when the period is no duration, or none at all
 *
 * @example
 * anonymize(Request, { dt: floorTime('1h') });
 */
export function floorTime(period: Duration): TimeRule {
  const periodMs = durationMs(period);
  if (periodMs === 0) throw new Error('floorTime needs a period longer than 0 ms.');
  return {
    method: 'time.floor',
    parameters: { periodMs },
    reads: ['time'],
    emits: time(),
    compile: () => (value) => (value === null ? null : Math.floor(value / periodMs) * periodMs),
  };
}
