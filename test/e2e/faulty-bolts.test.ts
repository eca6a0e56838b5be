/** Bolts and sinks that fail in every way: what becomes of their messages, and what is said. */
import { expect, jest, test } from '@jest/globals';
import { readDeadLetters } from '../../runtime/state/read-letters.js';
import { SPELLINGS, tracesBelow, tracesIn } from '../support/canary.js';
import { place, TEST_TIMEOUT_MS } from '../support/cli.js';
import { jsonRows, sum } from '../support/outputs.js';
import { COUNTS, FAULTY } from './topologies.js';

jest.setTimeout(TEST_TIMEOUT_MS);

const PERSONAL = SPELLINGS.join(' ');
const failed = (component: string, code: string) => ({ kind: 'failed', component, code });

/** By the word that makes a bolt fail: why it is given up, and after how many attempts. */
const ENDS = {
  throws: [failed('sync', 'Error'), 2],
  'throws-text': [failed('sync', 'threw-no-error'), 2],
  parses: [failed('sync', 'SyntaxError'), 2],
  misfits: [failed('sync', 'RowError'), 2],
  refuses: [{ kind: 'rejected', component: 'sync', reason: 'a word that is refused' }, 1],
  rejects: [failed('async', 'TypeError'), 2],
  hangs: [{ kind: 'timeout' }, 2],
  stored: [failed('broken', 'RangeError'), 2],
};

test('whatever a component does to a message, it is replayed, kept with its reason, and never quoted', async () => {
  const here = place();
  here.write('faulty.ts', FAULTY);
  const lines = ['fine', ...Object.keys(ENDS), 'well'].map((word) => `${word} ${PERSONAL}`);
  const input = here.write('lines.log', lines.join('\n'));
  const { code, stdout, stderr, summary } = await here.json([
    ...['run', 'faulty.ts', '--set', `input=${input}`, '--workers', '1', '--state', 'state'],
    ...['--max-attempts', '2', '--message-timeout', '300ms'],
  ]);

  expect({ code, outcome: summary.outcome }).toEqual({ code: 3, outcome: 'completed' });
  expect(summary).toMatchObject({ emitted: 10, acked: 2, deadLetters: 8, replayed: 7 });
  const ends: Record<string, unknown> = {};
  for await (const { raw, reason, attempts } of readDeadLetters(here.path('state'))) {
    const line = Buffer.from(raw).toString();
    expect(lines).toContain(line);
    ends[line.split(' ')[0]!] = [reason, attempts];
  }
  expect(ends).toEqual(ENDS);
  expect(jsonRows(summary.outputs).map(({ word }) => word)).toEqual(
    expect.arrayContaining(['fine', 'well']),
  );

  for (const says of [
    /^sync: threw Error at .*faulty\.ts:\d+:\d+\)$/m,
    /^sync: threw something that is no Error$/m,
    /^sync: RowError: sync\.words: the field "word" must be text, not number\. at .*faulty\.ts:\d+/m,
    /^async: threw TypeError at .*faulty\.ts:\d+:\d+\)$/m,
    /^broken: threw RangeError at .*faulty\.ts:\d+:\d+\)$/m,
    /^Dead letters are kept, encrypted, in state\/dead-letters\. Reasons: .* and 5 more\. See them with: squall dlq list faulty --state state$/m,
  ]) {
    expect(stderr).toMatch(says);
  }
  expect(tracesIn(Buffer.from(stdout + stderr))).toEqual([]);
  expect(tracesBelow(here.dir, [input])).toEqual([]);
});

test('an error that nobody can catch ends the worker, then the run, and is told without its message', async () => {
  const here = place();
  here.write('faulty.ts', FAULTY);
  const later = here.write('later.log', `later ${PERSONAL}`);
  const unheard = here.write('unheard.log', `unheard ${PERSONAL}`);
  const [inWorker, inline] = await Promise.all([
    here.json(['run', 'faulty.ts', '--set', `input=${later}`, '--workers', '1', '--state', 'a']),
    here.squall(['run', 'faulty.ts', '--set', `input=${unheard}`, '--inline', '--state', 'b']),
  ]);

  expect({ code: inWorker.code, ...inWorker.summary }).toMatchObject({
    code: 1,
    outcome: 'failed',
    restarts: 4,
    acked: 0,
  });
  expect(inWorker.stderr).toMatch(
    /^an error that nobody caught ended a worker: threw Error at .*faulty\.ts:\d+:\d+\)$/m,
  );
  // It came after the component had done with the row: nobody is blamed for it.
  expect(inWorker.stderr).not.toContain('was at work');
  expect(inWorker.stderr).toMatch(
    /^5 workers died within a minute .* run again with the same --state once it is mended\.$/m,
  );
  expect(inline.code).toBe(1);
  expect(inline.stderr).toMatch(
    /^an error that nobody caught ended the run: threw Error at .*faulty\.ts:\d+:\d+\)$/m,
  );
  expect(tracesIn(Buffer.from(inWorker.stderr + inline.stderr))).toEqual([]);
  expect(tracesBelow(here.dir, [later, unheard])).toEqual([]);
});

test('totals that nobody can store fail the run, and the next one stores them', async () => {
  const here = place();
  here.write('counts.ts', COUNTS);
  const run = ['run', 'counts.ts', '--inline', '--state', 'state'];
  const failing = await here.json([...run, '--set', 'broken=true']);
  expect({ code: failing.code, ...failing.summary }).toMatchObject({ code: 1, acked: 50 });
  expect(failing.stderr).toMatch(
    /^count: \d+ totals could not be stored\. They are kept: run again with the same --state once that is mended\.$/m,
  );

  const mended = await here.squall([...run, '--set', 'broken=false']);
  expect(mended.code).toBe(0);
  const counts = mended.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).count);
  expect(sum(counts)).toBe(50);
});
