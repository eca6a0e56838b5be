/** What operators type, against a real cluster. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { TopologyStatus } from '../../runtime/nimbus/status.js';
import { TEST_TIMEOUT_MS } from '../support/cli.js';
import { Cluster, type Said } from '../support/cluster/cluster.js';

jest.setTimeout(TEST_TIMEOUT_MS);

let cluster: Cluster;
beforeEach(async () => {
  cluster = new Cluster();
  await cluster.start();
});
afterEach(() => cluster.remove([]));

const ENDLESS = ['submit', 'canonicalize', '--set', 'rate=500', '--set', 'out=out'];

const done = (ended: Said): Said => {
  expect([ended.code, ended.stderr]).toEqual([0, ended.stderr]);
  return ended;
};

async function statusOf(name: string): Promise<TopologyStatus> {
  const { stdout } = done(await cluster.squall('show', name, '--json'));
  return TopologyStatus.parse(JSON.parse(stdout));
}

test('one that is submitted runs, is listed and shown, pauses, resumes, drains and is killed', async () => {
  const args = [...ENDLESS, '--name', 'web', '--workers', '2', '--wait'];
  expect(done(await cluster.squall(...args)).stdout).toMatch(/^web is running, with 2 workers\./);
  expect(done(await cluster.squall('list')).stdout).toMatch(/\nweb +running +2 /);
  await cluster.until('it acks', async () => (await statusOf('web')).rates.acked > 0);
  const shown = done(await cluster.squall('show', 'web')).stdout;
  expect(shown).toMatch(/^web {2}running\n2 workers, 0 restarts/);
  expect(shown).toMatch(/\nparse +bolt +2 /);
  // No terminal: once.
  expect(done(await cluster.squall('top', 'web')).stdout).toMatch(/\nlines +spout/);
  expect(done(await cluster.squall('top')).stdout).toMatch(/\nweb +running/);

  done(await cluster.squall('pause', 'web'));
  await cluster.until('it is paused, and nothing is in flight', async () => {
    const { state, emitted, acked } = await statusOf('web');
    return state === 'paused' && emitted === acked;
  });
  const { emitted } = await statusOf('web');
  done(await cluster.squall('resume', 'web'));
  await cluster.until('it goes on', async () => (await statusOf('web')).emitted > emitted);

  const drained = done(await cluster.squall('drain', 'web', '--json'));
  const status = TopologyStatus.parse(JSON.parse(drained.stdout));
  expect(status).toMatchObject({ state: 'drained', deadLetters: 0, acked: status.emitted });
  expect(drained.stderr).toMatch(/web: drained\n$/);
  expect(done(await cluster.squall('logs', 'web')).stdout).toMatch(/ info: drained\n/);
  expect(done(await cluster.squall('logs', 'web', '--json', '--lines', '1')).stdout).toMatch(
    /^\{"level":.*\}\n$/,
  );

  done(await cluster.squall('kill', 'web', '--wait'));
  expect(done(await cluster.squall('list', '--json')).stdout).toBe('[]\n');
  expect(existsSync(status.stateDir)).toBe(true);
});

test('one whose input ends completes, and every message is counted', async () => {
  const args = ['submit', 'canonicalize', '--set', 'lines=20000', '--set', 'out=out', '--wait'];
  done(await cluster.squall(...args));
  await cluster.until(
    'it completes',
    async () => (await statusOf('canonicalize')).state === 'completed',
  );
  expect(await statusOf('canonicalize')).toMatchObject({ emitted: 20_000, acked: 20_000 });
  expect(existsSync(join(cluster.folder, 'out'))).toBe(true);
});

test('what is asked wrongly is refused with 2, before anything is sent where that can be seen', async () => {
  done(await cluster.squall(...ENDLESS, '--name', 'web', '--workers', '1', '--wait'));
  const file = join(cluster.folder, 'broken.ts');
  writeFileSync(file, 'export default 1 +;');
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
    const { code, stdout, stderr } = await cluster.squall(...args);
    expect([args, code, stdout]).toEqual([args, 2, '']);
    expect(stderr).toMatch(says);
  }
  // It is there, and is not taken twice.
  expect(await cluster.squall(...ENDLESS, '--name', 'web')).toMatchObject({ code: 1 });
});

test('without nimbus every command ends with 4 and says what to do', async () => {
  const none = new Cluster();
  for (const args of [['list'], ['show', 'web'], ['top'], ['logs', 'web'], ['drain', 'web']]) {
    const { code, stderr } = await none.squall(...args);
    expect([args, code]).toEqual([args, 4]);
    expect(stderr).toMatch(/^nimbus unreachable .*squall cluster start/);
  }
  await none.remove([]);
});

test('nimbus writes down where it is, and does nothing without the token', async () => {
  const { url } = JSON.parse(readFileSync(join(cluster.dir, 'nimbus.json'), 'utf8'));
  const refused = await fetch(`${url}/api/v1/topologies`, { method: 'POST' });
  expect(refused.status).toBe(401);
});
