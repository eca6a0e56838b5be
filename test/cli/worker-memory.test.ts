import { expect, test } from '@jest/globals';
import { defaultWorkerMemoryMb } from '../../cli/worker-memory.js';

test('workers share half of the memory, have what Node takes at most, and always enough to work', () => {
  const one = defaultWorkerMemoryMb(1);
  expect(one).toBeLessThanOrEqual(4096);
  expect(one).toBeGreaterThanOrEqual(256);
  expect(defaultWorkerMemoryMb(1e6)).toBe(256);
  for (const workers of [2, 4, 64]) expect(defaultWorkerMemoryMb(workers)).toBeLessThanOrEqual(one);
});
