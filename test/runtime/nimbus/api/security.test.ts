/** Who is refused, and how much may be sent. */
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { routes } from '../../../../runtime/nimbus/api/routes.js';
import { served, TOKEN } from '../../../support/nimbus/served.js';

const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

/** `fetch` sets its own Host. */
async function statusOf(url: string, headers: Record<string, string>): Promise<number> {
  const asked = request(url, { headers }).end();
  const [answer] = await once(asked, 'response');
  answer.resume();
  return answer.statusCode;
}

test.each(['localhost', '127.0.0.1', '[::1]', 'LOCALHOST'])('%s is ours', async (name) => {
  const { url } = await served();
  expect(await statusOf(`${url}/livez`, { host: `${name}:8080` })).toBe(200);
});

test.each(['evil.example', '127.0.0.1.evil.example', 'localhost.', '10.0.0.1', 'a b'])(
  'who came by the name %s is refused',
  async (name) => {
    const { url } = await served();
    expect([400, 403]).toContain(await statusOf(`${url}/livez`, { host: name }));
    const bearer = { authorization: `Bearer ${TOKEN}` };
    expect([400, 403]).toContain(await statusOf(`${url}/metrics`, { host: name, ...bearer }));
  },
);

test('a page of another origin is refused, with or without the token, and ours is not', async () => {
  const { url, get } = await served();
  const own = new URL(url).origin;
  for (const origin of ['http://evil.example', 'null', own.replace('http:', 'https:'), `${own}1`])
    expect([origin, (await get('/livez', { origin })).status]).toEqual([origin, 403]);
  expect((await get('/livez', { origin: own })).status).toBe(200);
  const preflight = await fetch(`${url}/api/v1/topologies`, {
    method: 'OPTIONS',
    headers: { origin: 'http://evil.example', 'access-control-request-method': 'POST' },
  });
  expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
  expect(preflight.status).toBe(403);
});

const guarded = routes.filter(({ needsToken }) => needsToken);

test('whatever changes something needs the token', () => {
  expect(routes.filter(({ method }) => method !== 'get').every((each) => each.needsToken)).toBe(
    true,
  );
});

test.each(guarded.map(({ method, path }) => [method.toUpperCase(), path]))(
  '%s %s is refused without the token, and nothing is done',
  async (method, path) => {
    const { url, operations } = await served();
    operations.put('web');
    for (const authorization of ['', 'Bearer', `Bearer ${TOKEN}b`, `Basic ${TOKEN}`, TOKEN]) {
      const answer = await fetch(url + path.replace(':name', 'web'), {
        method,
        headers: { authorization },
      });
      expect([authorization, answer.status]).toEqual([authorization, 401]);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
      expect(await answer.json()).toMatchObject({ code: 'no-token' });
    }
    expect(operations.asked).toEqual([]);
  },
);

test('too large a body is refused, whether or not it says how large it is', async () => {
  const { url, ask, operations } = await served();
  operations.put('web');
  const long = { tasks: { ['x'.repeat(65 * 1024)]: 1 } };
  const answer = await ask('POST', '/api/v1/topologies/web/scale', long);
  expect([answer.status, await answer.json()]).toMatchObject([413, { code: 'too-large' }]);
  const chunked = request(`${url}/api/v1/topologies/web/scale`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
  });
  chunked.on('error', () => {});
  chunked.write('{"tasks":{"');
  chunked.end('x'.repeat(65 * 1024));
  const [{ statusCode }] = await once(chunked, 'response');
  expect(statusCode).toBe(413);
  expect(operations.asked).toEqual([]);
});

test.each([
  ['no JSON', 'application/json', '{"secret', 400],
  ['a form', 'application/x-www-form-urlencoded', 'tasks=1', 415],
  ['an unknown member', 'application/json', '{"taks":{}}', 422],
  ['too many tasks', 'application/json', '{"tasks":{"parse":100000}}', 422],
])('%s is refused, and not quoted', async (_, type, body, status) => {
  const { url, operations } = await served();
  operations.put('web');
  const answer = await fetch(`${url}/api/v1/topologies/web/scale`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': type },
    body,
  });
  expect(answer.status).toBe(status);
  expect(await answer.text()).not.toContain('secret');
  expect(operations.asked).toEqual([]);
});

test('headers have a bound', async () => {
  const { url } = await served();
  expect(await statusOf(`${url}/livez`, { 'x-long': 'x'.repeat(20_000) })).toBe(431);
});

test('the page is served with its types and a policy, and nothing beside its folder is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'squall-page-'));
  folders.push(folder);
  mkdirSync(join(folder, 'page/assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.js'), 'secret');
  writeFileSync(join(folder, 'page/index.html'), '<!doctype html>');
  writeFileSync(join(folder, 'page/assets/app.js'), 'export {}');
  writeFileSync(join(folder, 'page/notes.txt'), 'secret');
  const { url, get } = await served({ pageFolder: join(folder, 'page') });
  const page = await get('/');
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'self';/);
  expect(page.headers.get('x-content-type-options')).toBe('nosniff');
  const script = await get('/assets/app.js');
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(await script.text()).toBe('export {}');
  for (const path of ['/../secret.js', '/..%2fsecret.js', '/assets/../../secret.js', '/notes.txt'])
    expect(await raw(url, path)).toMatch(/^HTTP\/1\.1 404 /);
});

test('without a page there is the API alone', async () => {
  const { get } = await served({ pageFolder: '/nonexistent' });
  expect((await get('/')).status).toBe(404);
  expect((await get('/livez')).status).toBe(200);
});

test('answers of the API are kept by nobody, framed by nobody and taken for nothing else', async () => {
  const { get } = await served();
  for (const path of ['/api/v1/topologies', '/api/v1/topologies/none', '/openapi.json', '/none']) {
    const { headers } = await get(path);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('access-control-allow-origin')).toBeNull();
  }
});

/** `fetch` tidies paths before it sends them. */
async function raw(url: string, path: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: close\r\n\r\n`);
  let text = '';
  for await (const part of socket) text += part;
  return text;
}
