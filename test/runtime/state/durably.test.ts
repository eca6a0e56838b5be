import { expect, test } from '@jest/globals';
import { VirtualClock } from '../../../runtime/clock.js';
import { durably } from '../../../runtime/state/durably.js';
import { errorWithCode } from './faults.js';

/** Runs an action that fails with these codes, then succeeds; the clock jumps from timer to timer. */
async function stall(codes: readonly string[]): Promise<{ result: unknown; seen: string[] }> {
  const clock = new VirtualClock();
  const left = [...codes];
  const seen: string[] = [];
  const action = async (): Promise<string> => {
    seen.push(`try at ${clock.now()}`);
    const code = left.shift();
    if (code !== undefined) throw errorWithCode(code);
    return 'stored';
  };
  let result: unknown;
  const done = durably(action, {
    clock,
    onStall: (code) => seen.push(`stalled: ${code}`),
    onResume: () => seen.push('resumed'),
  }).then(
    (value) => (result = value),
    (error) => (result = error),
  );
  while (result === undefined) {
    await Promise.resolve();
    const due = clock.nextDueMs();
    if (due !== undefined) clock.advance(due - clock.now());
  }
  await done;
  return { result, seen };
}

test('an action that succeeds is run once, and nobody is told', async () => {
  expect(await stall([])).toEqual({ result: 'stored', seen: ['try at 0'] });
});

test('waits out a full disk: 100 ms, doubling to 2 s, and says so once', async () => {
  const { result, seen } = await stall([
    'ENOSPC',
    'EDQUOT',
    'EIO',
    'EAGAIN',
    'ENOSPC',
    'ENOSPC',
    'ENOSPC',
  ]);
  expect(result).toBe('stored');
  expect(seen.filter((each) => !each.startsWith('try'))).toEqual(['stalled: ENOSPC', 'resumed']);
  expect(seen.filter((each) => each.startsWith('try'))).toEqual(
    [0, 100, 300, 700, 1500, 3100, 5100, 7100].map((ms) => `try at ${ms}`),
  );
});

test('waits for a server that is out of reach as for a full disk', async () => {
  const { result, seen } = await stall(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EAI_AGAIN']);
  expect(result).toBe('stored');
  expect(seen.filter((each) => !each.startsWith('try'))).toEqual([
    'stalled: ECONNREFUSED',
    'resumed',
  ]);
});

test('another error is thrown at once, also after a stall', async () => {
  expect(await stall(['EACCES'])).toMatchObject({ result: { code: 'EACCES' }, seen: ['try at 0'] });
  expect(await stall(['EIO', 'EACCES'])).toMatchObject({
    result: { code: 'EACCES' },
    seen: ['try at 0', 'stalled: EIO', 'try at 100', 'resumed'],
  });
});
