/** What each route asks of nimbus and answers, over real HTTP. */
import { expect, test } from '@jest/globals';
import { served } from '../../../support/nimbus/served.js';

const SUBMISSION = { source: { catalog: 'canonicalize' }, workers: 2 };

test('the probes say whether nimbus and the supervisor are there', async () => {
  const { get, operations } = await served();
  expect(await (await get('/livez')).text()).toBe('ok\n');
  expect((await get('/readyz')).status).toBe(200);
  operations.isReady = false;
  const away = await get('/readyz');
  expect(away.headers.get('content-type')).toBe('application/problem+json');
  expect([away.status, await away.json()]).toMatchObject([503, { code: 'no-supervisor' }]);
  expect((await get('/livez')).status).toBe(200);
});

test('metrics are what nimbus exposes', async () => {
  const { get } = await served();
  const answer = await get('/metrics');
  expect(answer.headers.get('content-type')).toContain('version=0.0.4');
  expect(await answer.text()).toBe('squall_up 1\n');
});

test('the list has no figures of components, and one topology has', async () => {
  const { get, operations } = await served();
  const status = operations.put('web');
  const list: any = await (await get('/api/v1/topologies')).json();
  expect(list[0]).toMatchObject({ name: 'web', limit: status.limit });
  expect(list[0]).not.toHaveProperty('components');
  expect(await (await get('/api/v1/topologies/web')).json()).toEqual(status);
});

test('a submission comes with its defaults, and is answered with what became of it', async () => {
  const { ask, operations } = await served();
  const answer = await ask('POST', '/api/v1/topologies', { ...SUBMISSION, name: 'web' });
  expect(answer.status).toBe(201);
  expect(await answer.json()).toMatchObject({ name: 'web', state: 'starting' });
  const defaults = { parameters: {}, maxAttempts: 5, messageTimeoutMs: 30_000 };
  expect(operations.asked).toEqual([{ submit: { ...SUBMISSION, name: 'web', ...defaults } }]);
});

test('an artefact of 16 MiB goes in', async () => {
  const { ask, operations } = await served();
  const artefact = 'x'.repeat(16 * 1024 * 1024);
  const answer = await ask('POST', '/api/v1/topologies', { source: { artefact }, workers: 1 });
  expect(answer.status).toBe(201);
  expect(operations.asked).toMatchObject([{ submit: { source: { artefact } } }]);
});

test.each([
  ['pause', 'paused'],
  ['resume', 'running'],
  ['drain', 'draining'],
])('%s makes it %s', async (verb, state) => {
  const { ask, operations } = await served();
  operations.put('web');
  const answer = await ask('POST', `/api/v1/topologies/web/${verb}`);
  expect([answer.status, await answer.json()]).toMatchObject([202, { state, generation: 2 }]);
});

test('kill is a DELETE', async () => {
  const { ask, operations } = await served();
  operations.put('web');
  expect((await ask('DELETE', '/api/v1/topologies/web')).status).toBe(202);
  expect(operations.asked).toEqual([{ web: 'killing' }]);
});

test('scale and upgrade hand on whether it is a dry run', async () => {
  const { ask, operations } = await served();
  operations.put('web');
  const scaled = await ask('POST', '/api/v1/topologies/web/scale', {
    tasks: { parse: 4 },
    dryRun: true,
  });
  expect(await scaled.json()).toMatchObject({ dryRun: true, changes: [{ from: 2, to: 4 }] });
  const upgraded = await ask('POST', '/api/v1/topologies/web/upgrade', {
    source: { artefact: 'export default 1' },
    dryRun: true,
  });
  expect(await upgraded.json()).toMatchObject({ dryRun: true, fromHash: 'abcd' });
  expect(operations.asked).toMatchObject([
    { scale: { tasks: { parse: 4 }, dryRun: true } },
    { upgrade: { source: { artefact: 'export default 1' }, dryRun: true } },
  ]);
});

test('what nimbus refuses is a problem with its status and code', async () => {
  const { ask, operations } = await served();
  operations.put('web');
  const taken = await ask('POST', '/api/v1/topologies', { ...SUBMISSION, name: 'web' });
  expect(taken.headers.get('content-type')).toBe('application/problem+json');
  expect(await taken.json()).toEqual({
    type: 'about:blank',
    title: 'Conflict',
    status: 409,
    detail: '"web" is there.',
    code: 'name-taken',
  });
  for (const path of ['nothing', '..%2f..%2fetc', 'a'.repeat(65)])
    expect([path, (await ask('GET', `/api/v1/topologies/${path}`)).status]).toEqual([path, 404]);
});

test('a fault of nimbus is told to the log, and not to the caller', async () => {
  const { get, operations, faults } = await served();
  const fault = new Error('the row "secret" broke it');
  operations.list = () => {
    throw fault;
  };
  const answer = await get('/api/v1/topologies');
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain('secret');
  expect(faults).toEqual([fault]);
});
