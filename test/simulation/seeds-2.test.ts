import { test } from '@jest/globals';
import { expectKept } from './seeds.js';

test('in a thousand runs with faults every promise is kept', async () => {
  await expectKept(1001, 1000);
});
