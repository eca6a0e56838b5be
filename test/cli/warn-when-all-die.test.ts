import { expect, test } from '@jest/globals';
import { warnWhenAllDie } from '../../cli/warn-when-all-die.js';
import type { Run } from '../../runtime/coordinator/run.js';

/** What is said of 1,000 dead letters with that reason. */
function saidOf(reason: string): string {
  const components = [
    { name: 'lines', role: 'spout', acked: 0, deadLetters: 1000 },
    { name: 'parse', role: 'bolt' },
    { name: 'out', role: 'sink' },
  ];
  const run = { components: () => components, reasons: () => [[reason, 1000]] };
  const said: string[] = [];
  warnWhenAllDie(run as unknown as Run, (line) => said.push(line)).stop();
  return said.join();
}

test('when a bolt rejects everything, the format is asked about', () => {
  expect(saidOf('rejected(parse, dt: missing)')).toBe(
    'every message so far became a dead letter: rejected(parse, dt: missing) 1,000×. Is this the right format for the input? If not, mend it and give another --state: what was read so far counts as done.',
  );
});

test('when a sink refuses everything, its options are asked about', () => {
  expect(saidOf('rejected(out, Redis refused it: unknown command)')).toBe(
    'every message so far became a dead letter: rejected(out, Redis refused it: unknown command) 1,000×. The sink refuses what it is given: do its options fit what it writes to? If not, mend it and give another --state: what was read so far counts as done.',
  );
});
