/** What operators type, against a real cluster. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { TopologyStatus } from '../../runtime/nimbus/status.js';
import { place, TEST_TIMEOUT_MS, type Ended, type Place } from '../support/cli.js';
import { withCluster } from '../support/nimbus/cluster.js';

jest.setTimeout(TEST_TIMEOUT_MS);

const ENDLESS = ['submit', 'canonicalize', '--set', 'rate=500', '--set', 'out=out'];

const done = (ended: Ended): Ended => {
  expect([ended.code, ended.stderr]).toEqual([0, ended.stderr]);
  return ended;
};

async function statusOf(here: Place, name: string): Promise<TopologyStatus> {
  const { stdout } = done(await here.squall(['show', name, '--json']));
  return TopologyStatus.parse(JSON.parse(stdout));
}

test('one that is submitted runs, is listed and shown, pauses, resumes, drains and is killed', async () => {
  const here = place();
  await withCluster(here, async (started) => {
    const args = [...ENDLESS, '--name', 'web', '--workers', '2', '--wait'];
    expect(done(await here.squall(args)).stdout).toMatch(/^web is running, with 2 workers\./);
    expect(done(await here.squall(['list'])).stdout).toMatch(/\nweb +running +2 /);
    await started.until(async () => (await statusOf(here, 'web')).rates.acked > 0);
    const shown = done(await here.squall(['show', 'web'])).stdout;
    expect(shown).toMatch(/^web {2}running\n2 workers, 0 restarts/);
    expect(shown).toMatch(/\nparse +bolt +2 /);
    // No terminal: once.
    expect(done(await here.squall(['top', 'web'])).stdout).toMatch(/\nlines +spout/);
    expect(done(await here.squall(['top'])).stdout).toMatch(/\nweb +running/);

    done(await here.squall(['pause', 'web']));
    await started.until(async () => {
      const { state, emitted, acked } = await statusOf(here, 'web');
      return state === 'paused' && emitted === acked;
    });
    const { emitted } = await statusOf(here, 'web');
    done(await here.squall(['resume', 'web']));
    await started.until(async () => (await statusOf(here, 'web')).emitted > emitted);

    const drained = done(await here.squall(['drain', 'web', '--json']));
    const status = TopologyStatus.parse(JSON.parse(drained.stdout));
    expect(status).toMatchObject({ state: 'drained', deadLetters: 0, acked: status.emitted });
    expect(drained.stderr).toMatch(/web: drained\n$/);
    expect(done(await here.squall(['logs', 'web'])).stdout).toMatch(/ info: drained\n/);
    expect(done(await here.squall(['logs', 'web', '--json', '--lines', '1'])).stdout).toMatch(
      /^\{"level":.*\}\n$/,
    );

    done(await here.squall(['kill', 'web', '--wait']));
    expect(done(await here.squall(['list', '--json'])).stdout).toBe('[]\n');
    expect(existsSync(status.stateDir)).toBe(true);
  });
});

test('one whose input ends completes, and every message is counted', async () => {
  const here = place();
  await withCluster(here, async (started) => {
    const args = ['submit', 'canonicalize', '--set', 'lines=20000', '--set', 'out=out', '--wait'];
    done(await here.squall(args));
    await started.until(async () => (await statusOf(here, 'canonicalize')).state === 'completed');
    expect(await statusOf(here, 'canonicalize')).toMatchObject({ emitted: 20_000, acked: 20_000 });
    expect(existsSync(here.path('out'))).toBe(true);
  });
});

test('what is asked wrongly is refused with 2, before anything is sent where that can be seen', async () => {
  const here = place();
  await withCluster(here, async () => {
    done(await here.squall([...ENDLESS, '--name', 'web', '--workers', '1', '--wait']));
    const file = here.write('broken.ts', 'export default 1 +;');
    const wrong: [args: string[], says: RegExp][] = [
      [['submit', file], /broken\.ts:1:/],
      [['submit', 'canonicalise'], /Did you mean "canonicalize"/],
      [['submit', 'canonicalize', '--set', 'lines=x'], /Parameter "lines"/],
      [['submit', 'canonicalize', '--name', 'no name'], /a topology name is a letter/],
      [['show', 'wbe'], /No topology is named "wbe". There are: web/],
      [['scale', 'web'], /Say what to scale/],
      [['scale', 'web', 'parse'], /Give a bolt and its number of tasks/],
      [['scale', 'web', 'parse=0'], /from 1 to 256/],
    ];
    for (const [args, says] of wrong) {
      const { code, stdout, stderr } = await here.squall(args);
      expect([args, code, stdout]).toEqual([args, 2, '']);
      expect(stderr).toMatch(says);
    }
    // It is there, and is not taken twice.
    expect(await here.squall([...ENDLESS, '--name', 'web'])).toMatchObject({ code: 1 });
  });
});

test('without nimbus every command ends with 4 and says what to do', async () => {
  const here = place();
  for (const args of [['list'], ['show', 'web'], ['top'], ['logs', 'web'], ['drain', 'web']]) {
    const { code, stderr } = await here.squall(args);
    expect([args, code]).toEqual([args, 4]);
    expect(stderr).toMatch(/^nimbus unreachable .*squall cluster start/);
  }
});

test('the folder of the cluster is found by --cluster, and its token stays with its user', async () => {
  const here = place();
  await withCluster(here, async () => {
    const elsewhere = place();
    const folder = here.path('.squall/cluster');
    expect(done(await elsewhere.squall(['list', '--cluster', folder])).stdout).toMatch(
      /no topologies/,
    );
    const { url } = JSON.parse(readFileSync(`${folder}/nimbus.json`, 'utf8'));
    const refused = await fetch(`${url}/api/v1/topologies`, { method: 'POST' });
    expect(refused.status).toBe(401);
  });
});
