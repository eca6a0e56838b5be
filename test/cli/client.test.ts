/** The client over real HTTP, against topologies in memory. */
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Client } from '../../cli/client.js';
import { waitUntil, waitUntilGone } from '../../cli/waiting.js';
import { served, TOKEN } from '../support/nimbus/served.js';

test('it finds nimbus and the token in the folder of the cluster', async () => {
  const { folder, operations } = await served();
  const status = operations.put('web');
  const client = await Client.of({ cluster: folder });
  expect(await client.show('web')).toEqual(status);
  expect(await client.list()).toHaveLength(1);
  expect(await client.change('web', 'pause')).toMatchObject({ state: 'paused' });
  expect(await client.scale('web', { tasks: { parse: 3 } })).toMatchObject({ dryRun: false });
});

test('what is refused has the text of nimbus, and exit code 2 when it was asked wrongly', async () => {
  const { folder, operations } = await served();
  const client = await Client.of({ cluster: folder });
  await expect(client.show('none')).rejects.toMatchObject({
    message: 'There is no topology "none".',
    exitCode: 2,
  });
  await expect(client.show('no name')).rejects.toMatchObject({ exitCode: 2 });
  operations.put('web');
  const again = { name: 'web', source: { catalog: 'x' }, workers: 1 };
  await expect(client.submit(again)).rejects.toMatchObject({ exitCode: 1 });
});

test('no folder, a dead nimbus, and one that does not listen: exit code 4', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'squall-client-'));
  const unreachable = expect.objectContaining({
    message: expect.stringContaining('nimbus unreachable'),
    exitCode: 4,
  });
  await expect(Client.of({ cluster: folder })).rejects.toEqual(unreachable);
  const { pid } = spawnSync(process.execPath, ['--version']);
  const note = { url: 'http://127.0.0.1:9', pid };
  writeFileSync(join(folder, 'nimbus.json'), JSON.stringify(note));
  writeFileSync(join(folder, 'token'), TOKEN, { mode: 0o600 });
  await expect(Client.of({ cluster: folder })).rejects.toEqual(unreachable);
  writeFileSync(join(folder, 'nimbus.json'), JSON.stringify({ ...note, pid: process.pid }));
  const client = await Client.of({ cluster: folder });
  await expect(client.list()).rejects.toEqual(unreachable);
  await expect(client.watch('web').next()).rejects.toEqual(unreachable);
  rmSync(folder, { recursive: true });
});

test('a nimbus that goes while it is watched is unreachable', async () => {
  const other = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('event: status\ndata: []\n\n');
  }).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const events = new Client({ url: `http://127.0.0.1:${port}`, token: TOKEN }).watchAll();
  expect(await events.next()).toEqual({ done: false, value: [] });
  other.close();
  other.closeAllConnections();
  await expect(events.next()).rejects.toMatchObject({ exitCode: 4 });
});

test('what answers is held to be a nimbus only if it speaks like one', async () => {
  const other = createServer((_, response) => response.end('<html>')).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const client = new Client({ url: `http://127.0.0.1:${port}`, token: TOKEN });
  await expect(client.list()).rejects.toMatchObject({
    message: expect.stringContaining('is no nimbus'),
    exitCode: 1,
  });
  other.close();
  other.closeAllConnections();
});

test('waiting ends when the change is carried out and the state is right, not before', async () => {
  const { folder, operations } = await served();
  operations.put('web', { state: 'draining', generation: 2, reached: 1 });
  const client = await Client.of({ cluster: folder });
  let over = false;
  const waiting = waitUntil(client, 'web', (state) => state === 'drained').finally(
    () => (over = true),
  );
  const { show } = operations;
  let looks = 0;
  operations.show = (name) => (looks++, show.call(operations, name));
  for (const figures of [{ state: 'drained' }, { state: 'draining', reached: 2 }] as const) {
    const before = looks;
    operations.put('web', figures);
    while (looks === before) {
      operations.tick();
      await new Promise(setImmediate);
    }
    expect(over).toBe(false);
  }
  operations.put('web', { state: 'drained' });
  const ticking = setInterval(() => operations.tick(), 5);
  expect(await waiting).toMatchObject({ state: 'drained', reached: 2 });
  clearInterval(ticking);
});

test('waiting for one that fails, or is killed, fails with the reason', async () => {
  const { folder, operations } = await served();
  operations.put('web', { state: 'failed', reason: 'parse: no such file' });
  const client = await Client.of({ cluster: folder });
  const waiting = waitUntil(client, 'web', () => true);
  await expect(waiting).rejects.toMatchObject({
    message: 'web failed: parse: no such file',
    exitCode: 1,
  });
});

test('waiting for the end of one ends when it is no more, or never was', async () => {
  const { folder, operations } = await served();
  operations.put('web', { state: 'killing' });
  const client = await Client.of({ cluster: folder });
  const waiting = waitUntilGone(client, 'web');
  while (operations.watchers === 0) await new Promise(setImmediate);
  operations.forget('web');
  operations.tick();
  await waiting;
  await waitUntilGone(client, 'web');
});
