/** What `squall doctor` says of the machine that the tests run on. */
import { readdirSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { Check } from '../../cli/doctor/check.js';
import { place, TEST_TIMEOUT_MS } from '../support/cli.js';

test(
  'each check is ok or says what to do next, nothing is left, and the exit code tells whether one fails',
  async () => {
    const here = place();
    const { code, stdout } = await here.squall(['doctor', '--json']);
    const { fit, checks }: { fit: boolean; checks: Check[] } = JSON.parse(stdout);
    expect(checks.map(({ name }) => name)).toEqual([
      ...['node', 'open files', 'udp receive buffer'],
      ...['state folder', 'state disk', 'state inodes'],
      ...['out folder', 'out disk', 'out inodes'],
      ...['worker sockets', 'clock'],
    ]);
    for (const { status, next } of checks) expect(next === undefined).toBe(status === 'ok');
    expect(code).toBe(fit ? 0 : 1);
    expect(readdirSync(here.dir)).toEqual([]);
    const text = await here.squall(['doctor', '--out', '/proc/nowhere', '--state', '.']);
    expect(text.code).toBe(1);
    expect(text.stdout).toMatch(/^ok {4}node +\d+\./m);
    expect(text.stdout).toMatch(/^fail {2}out (folder|disk) +.*\n +\S/m);
  },
  TEST_TIMEOUT_MS,
);
