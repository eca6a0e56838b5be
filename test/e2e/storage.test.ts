/** Folders that cannot be written, and disks that are full. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, jest, test } from '@jest/globals';
import { lesserUser, MAIN, place, summaryIn, TEST_TIMEOUT_MS } from '../support/cli.js';
import { avroIds, countsIn, sum } from '../support/outputs.js';
import { smallDisk } from '../support/small-disk.js';
import { HELLO } from './topologies.js';

jest.setTimeout(TEST_TIMEOUT_MS);

const lesser = lesserUser();

(lesser === undefined ? test.skip : test)(
  'a folder that cannot be written is named, with what to do, and nothing is acked',
  async () => {
    const here = place();
    mkdirSync(here.path('locked'));
    chmodSync(here.path('locked'), 0o555);
    here.write('hello.ts', HELLO);
    const lines = ['run', 'canonicalize', '--set', 'lines=100'];
    const [output, state, artefacts] = await Promise.all([
      here.json([...lines, '--inline', '--set', 'out=locked/out', '--state', 'a'], lesser),
      here.squall([...lines, '--inline', '--state', 'locked/state'], lesser),
      here.squall(['run', 'hello.ts', '--state', 'locked/hello'], lesser),
    ]);
    expect({ code: output!.code, ...output!.summary }).toMatchObject({
      code: 1,
      outcome: 'failed',
      acked: 0,
      outputs: [],
    });
    expect(output!.stderr).toMatch(
      /^(counts|requests): The folder \/.*\/locked\/out\/\w+ cannot be written \(EACCES\)\. Make it a folder that this user may write, or choose another dir for the sink\.$/m,
    );
    expect(state).toMatchObject({
      code: 2,
      stdout: '',
      stderr:
        'The folder locked/state cannot be written (EACCES). Mend that, or give another one with --state.\n',
    });
    expect(artefacts).toMatchObject({
      code: 2,
      stderr:
        'The folder locked/hello cannot be written (EACCES). Mend that, or give another one with --state.\n',
    });
  },
);

test.each(['--inline', '--workers 1'])(
  'when whoever reads standard output goes away, the run says so and fails, and what is left comes with the next one (%s)',
  (how) => {
    const here = place();
    here.write('hello.ts', HELLO);
    const run = `"${process.execPath}" "${MAIN}" run hello.ts --set lines=30000 ${how}`;
    const shell = (command: string) =>
      spawnSync('bash', ['-c', command], { cwd: here.dir, encoding: 'utf8' });
    const cut = shell(`${run} | head -1; exit "\${PIPESTATUS[0]}"`);
    expect({ status: cut.status, lines: cut.stdout.split('\n').length }).toEqual({
      status: 1,
      lines: 2,
    });
    expect(cut.stderr).toMatch(/^.*standard output cannot be written \(write EPIPE\)/m);
    expect(cut.stderr).not.toMatch(/died|nobody caught/);
    const rest = Number(shell(`${run} | wc -l`).stdout);
    expect(rest).toBeGreaterThan(0);
    expect(rest).toBeLessThanOrEqual(30_000);
  },
);

const disk = smallDisk(16 * 1024 * 1024);
afterAll(() => disk?.unmount());

(disk === undefined ? test.skip : test)(
  'on a full disk nothing is acked and nothing times out; when there is room the run goes on, and all is there',
  async () => {
    const { dir, fill, makeRoom } = disk!;
    const here = place();
    fill();
    const running = here.start([
      ...['run', 'canonicalize', '--set', 'lines=20000', '--workers', '2', '--json'],
      ...['--set', `out=${join(dir, 'out')}`, '--message-timeout', '3s', '--max-attempts', '1'],
    ]);
    await running.until(() =>
      running
        .stderr()
        .includes(
          'storage cannot be written (ENOSPC): nothing is acked; going on when it can be written again',
        ),
    );
    // They come every two seconds, so that messages would have timed out meanwhile.
    const told = (): string[] =>
      running
        .stderr()
        .split('storage cannot be written')[1]!
        .match(/ [\d,]+ acked.*$/gm) ?? [];
    await running.until(() => told().length === 3);
    expect(new Set(told())).toEqual(new Set([' 0 acked, 0 replayed, 0 dead letters']));

    makeRoom();
    const ended = await running.ended;
    const summary = summaryIn(ended);
    expect(ended.stderr).toContain('storage can be written again; going on');
    expect({ code: ended.code, ...summary }).toMatchObject({
      code: 0,
      outcome: 'completed',
      emitted: 20_000,
      acked: 20_000,
      replayed: 0,
      restarts: 0,
    });
    const ids = await avroIds(summary.outputs);
    expect({ all: ids.length, different: new Set(ids).size }).toEqual({
      all: 20_000,
      different: 20_000,
    });
    expect(sum(countsIn(summary.outputs).values())).toBe(20_000);
  },
);
