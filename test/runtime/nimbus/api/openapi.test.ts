/** The document says what the server does. */
import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { apiApp } from '../../../../runtime/nimbus/api/app.js';
import { Live } from '../../../../runtime/nimbus/api/live.js';
import { openPage } from '../../../../runtime/nimbus/api/page.js';
import { InMemory } from '../../../support/nimbus/in-memory.js';
import { served, TOKEN } from '../../../support/nimbus/served.js';

async function documentOf(get: (path: string) => Promise<Response>): Promise<any> {
  return (await get('/openapi.json')).json();
}

/** Of JSON below a place in the document. */
function validator(document: any): (schema: object, value: unknown) => string {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'api', ...document });
  return (schema, value) => {
    const absolute = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/'));
    return ajv.validate(absolute, value) ? '' : ajv.errorsText();
  };
}

test('every route is in the document, and the other way round', async () => {
  const { get } = await served();
  const document = await documentOf(get);
  const inDocument = Object.entries<object>(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method} ${path}`),
  );
  const operations = new InMemory();
  const onError = (): void => {};
  const app = apiApp({
    ...{ operations, onError, token: TOKEN, host: '127.0.0.1' },
    ...{ live: new Live(operations, onError), page: await openPage(undefined) },
  });
  const inApp = app.routes
    .filter(({ method, path }) => method !== 'ALL' && !path.includes('*'))
    .map(({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
  expect(inDocument.sort()).toEqual(inApp.sort());
  expect(inApp.length).toBeGreaterThan(12);
});

test('answers and problems are as the document says', async () => {
  const { get, ask, operations } = await served();
  const document = await documentOf(get);
  const wrong = validator(document);
  operations.put('web');
  const told: [method: string, path: string, body?: object][] = [
    ['get', '/api/v1/topologies'],
    ['get', '/api/v1/topologies/{name}'],
    ['get', '/api/v1/topologies/{name}/history'],
    ['post', '/api/v1/topologies', { source: { catalog: 'x' }, workers: 1, name: 'other' }],
    ['post', '/api/v1/topologies', { source: { catalog: 'x' }, workers: 1, name: 'web' }],
    ['post', '/api/v1/topologies/{name}/scale', { tasks: { parse: 3 } }],
    ['post', '/api/v1/topologies/{name}/scale', { tasks: { none: 3 } }],
    ['post', '/api/v1/topologies/{name}/upgrade', { source: { catalog: 'x' } }],
    ['post', '/api/v1/topologies/{name}/pause'],
    ['post', '/api/v1/topologies/{name}/resume'],
    ['post', '/api/v1/topologies/{name}/drain'],
    ['delete', '/api/v1/topologies/{name}'],
  ];
  const statuses: number[] = [];
  for (const [method, path, body] of told) {
    const operation = document.paths[path][method];
    const schema = operation.requestBody?.content['application/json'].schema;
    if (schema !== undefined) expect([path, wrong(schema, body)]).toEqual([path, '']);
    const answer = await ask(method.toUpperCase(), path.replace('{name}', 'web'), body);
    statuses.push(answer.status);
    const given = operation.responses[answer.status];
    const { content } = given.$ref === undefined ? given : document.components.responses.Problem;
    const type = answer.headers.get('content-type')!;
    expect([path, answer.status, Object.keys(content)]).toEqual([path, answer.status, [type]]);
    expect([path, wrong(content[type].schema, await answer.json())]).toEqual([path, '']);
  }
  expect(statuses).toEqual([200, 200, 200, 201, 409, 200, 422, 200, 202, 202, 202, 202]);
});

test('an answer with more or less than the document says is noticed', async () => {
  const { get, operations } = await served();
  const wrong = validator(await documentOf(get));
  const schema = { $ref: '#/components/schemas/TopologyStatus' };
  const status = operations.put('web');
  expect(wrong(schema, status)).toBe('');
  expect(wrong(schema, { ...status, secret: 1 })).not.toBe('');
  expect(wrong(schema, { ...status, workers: 'two' })).not.toBe('');
});
