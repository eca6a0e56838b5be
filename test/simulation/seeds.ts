/** Runs of many seeds, and what they came to. @module */
import { expect } from '@jest/globals';
import { simulate } from '../../runtime/simulation/simulate.js';
import { Tally } from '../../runtime/simulation/tally.js';

/** Every promise is kept in `count` runs, and enough happened in them that this says something. */
export async function expectKept(from: number, count: number): Promise<void> {
  const tally = new Tally();
  for (let seed = from; seed < from + count; seed++) {
    const outcome = await simulate(seed);
    expect({ seed, violation: outcome.violation }).toEqual({ seed, violation: null });
    tally.add(outcome);
  }
  expect(tally.acked).toBeGreaterThan(50 * count);
  expect(tally.deadLetters).toBeGreaterThan(count);
  for (const [fault, times] of tally.hits)
    expect({ fault, enough: times > count / 20 }).toEqual({ fault, enough: true });
}
