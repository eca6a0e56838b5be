import { expect, test } from '@jest/globals';
import { MUTANTS } from '../../runtime/simulation/mutants/index.js';
import { simulate } from '../../runtime/simulation/simulate.js';

test('a seed is one run: twice the same, and unlike others', async () => {
  const hashes = new Set<string>();
  for (let seed = 1; seed <= 20; seed++) {
    const { hash, events } = await simulate(seed);
    expect((await simulate(seed, { trace: true })).hash).toBe(hash);
    expect(events).toBeGreaterThan(100);
    hashes.add(hash);
  }
  expect(hashes.size).toBe(20);
});

test.each(MUTANTS)('the oracle finds that $name', async (mutant) => {
  for (let seed = 1; seed <= 2000; seed++) {
    const { violation } = await simulate(seed, { mutant });
    if (violation === null) continue;
    // The seed is not to blame.
    expect((await simulate(seed)).violation).toBeNull();
    return;
  }
  throw new Error(`No seed broke a promise.`);
});
