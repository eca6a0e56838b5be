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

test('a bug that was planted is gone after the run', async () => {
  const before = await simulate(3);
  for (const mutant of MUTANTS) await simulate(3, { mutant });
  expect((await simulate(3)).hash).toBe(before.hash);
});
