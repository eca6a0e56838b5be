import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { readAtWork, type AtWork } from '../../../runtime/worker/at-work.js';
import { recorder } from '../../../runtime/worker/recorder.js';

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'squall-test-'))));
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(dir, { recursive: true });
});

test('what is at work stands in the file as long as it runs, and no longer', async () => {
  const path = join(dir, 'at-work-0');
  const steps: AtWork[] = [
    { component: 'a-long-name', message: { spout: 'in', partition: 'p', position: 123 } },
    { component: 'b' },
  ];
  const record = recorder(path, () => steps.shift()!);
  expect(readAtWork(path)).toEqual({});
  for (const step of [...steps]) {
    record();
    expect(readAtWork(path)).toEqual(step);
  }
  await Promise.resolve();
  expect(readAtWork(path)).toEqual({});
});

test('after half an hour nothing is written any more', async () => {
  let nowMs = performance.now();
  jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
  const path = join(dir, 'at-work-0');
  const record = recorder(path, () => ({ component: 'a' }));
  nowMs += 30 * 60_000 + 1;
  record();
  expect(readAtWork(path)).toEqual({});
});
