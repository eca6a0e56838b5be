import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withChecksum } from '../../../runtime/state/atomic-file.js';
import { thisProcess } from '../../../runtime/state/process-id.js';
import { acquire, StateInUse } from '../../../runtime/state/run-lock.js';
import { temporaryFolder } from './faults.js';
import { run, script, type Running } from './processes.js';

let tools: string;
let owner: string;
let folder: string;
let running: Running[] = [];

beforeAll(async () => {
  tools = await temporaryFolder();
  owner = await script(
    tools,
    `import { acquire } from './runtime/state/run-lock.js';
     const say = (text) => process.stdout.write(text + '\\n');
     process.stdin.once('data', () => acquire(process.argv[2]).then((lock) => say('epoch ' + lock.epoch), (error) => say(error.name)));
     say('ready');`,
  );
});

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await Promise.all(running.map((each) => each.kill()));
  running = [];
  await rm(folder, { recursive: true });
});

afterAll(() => rm(tools, { recursive: true }));

/** Starts owners, lets all of them go for the lock at once, and returns what they say. */
async function owners(count: number): Promise<string[]> {
  const started = Array.from({ length: count }, () => run(owner, folder));
  running.push(...started);
  await Promise.all(started.map((each) => each.line()));
  for (const each of started) each.child.stdin!.write('go\n');
  return Promise.all(started.map((each) => each.line()));
}

test('a second run is refused, by the pid of the first and with what to do', async () => {
  const [first] = await owners(1);
  expect(first).toBe('epoch 1');
  const { pid } = running[0].child;
  const refused = acquire(folder);
  await expect(refused).rejects.toThrow(
    `The state folder ${folder} is in use by another run (pid ${pid}); stop it or give another --state.`,
  );
  await expect(refused).rejects.toBeInstanceOf(StateInUse);
});

test('the lock of a run killed with -9 is taken over, with a higher epoch', async () => {
  await owners(1);
  await running[0].kill();
  expect((await acquire(folder)).epoch).toBe(2);
});

test('of several that start at once exactly one wins, also when they take over from a dead one', async () => {
  for (const epoch of [1, 2, 3]) {
    const said = await owners(4);
    expect(said.sort()).toEqual(['StateInUse', 'StateInUse', 'StateInUse', `epoch ${epoch}`]);
    await Promise.all(running.map((each) => each.kill()));
  }
});

test('within one process, too', async () => {
  const said = await Promise.allSettled([1, 2, 3, 4, 5].map(() => acquire(folder)));
  expect(said.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('a released lock can be acquired again; its epoch is not used again', async () => {
  for (const epoch of [1, 2, 3]) {
    const lock = await acquire(folder);
    expect(lock.epoch).toBe(epoch);
    await lock.release();
  }
  expect(await readdir(folder)).toEqual(['lock.3']);
});

test('a process that got the pid of a dead owner does not hold its lock', async () => {
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, 'lock.7'),
    withChecksum(JSON.stringify({ ...thisProcess(), started: 'long ago' })),
  );
  expect((await acquire(folder)).epoch).toBe(8);
});

test('a killed owner that nobody has reaped does not hold its lock', async () => {
  await owners(1);
  const { child } = running[0];
  // Its parent is this process, which reaps it only when it gets to its event loop.
  process.kill(child.pid!, 'SIGKILL');
  const { isAlive } = await import('../../../runtime/state/process-id.js');
  const start = Date.now();
  while (isAlive({ pid: child.pid! }) && Date.now() - start < 5000);
  expect(isAlive({ pid: child.pid! })).toBe(false);
});

test('a damaged lock file is an error that names it', async () => {
  await writeFile(join(folder, 'lock.7'), 'nonsense');
  await expect(acquire(folder)).rejects.toThrow(`${join(folder, 'lock.7')} is damaged`);
});
