/** Server-sent events: what is new, once, to whoever reads. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from '@jest/globals';
import { eventually } from '../../../support/cli.js';
import { served } from '../../../support/nimbus/served.js';

/** Reads events, one by one. */
async function* eventsOf(answer: Response): AsyncGenerator<{ event: string; data: any }> {
  let text = '';
  for await (const part of answer.body!) {
    text += Buffer.from(part).toString();
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const fields = text.slice(0, end).split('\n');
      text = text.slice(end + 2);
      const field = (name: string): string | undefined =>
        fields.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const event = field('event');
      if (event !== undefined) yield { event, data: JSON.parse(field('data')!) };
    }
  }
}

const next = async (events: AsyncGenerator<{ event: string; data: any }>) =>
  (await events.next()).value;

test('figures come at once, and again when they are new', async () => {
  const { get, operations } = await served();
  operations.put('web', { acked: 1 });
  const answer = await get('/api/v1/topologies/web/live');
  expect(answer.headers.get('content-type')).toBe('text/event-stream');
  const events = eventsOf(answer);
  expect(await next(events)).toMatchObject({ event: 'status', data: { name: 'web', acked: 1 } });
  operations.put('web', { acked: 2 });
  operations.tick();
  expect(await next(events)).toMatchObject({ event: 'status', data: { acked: 2 } });
  await events.return(undefined);
});

test('all topologies are watched as the list has them', async () => {
  const { get, operations } = await served();
  operations.put('web');
  const events = eventsOf(await get('/api/v1/live'));
  const { data } = await next(events);
  expect(data).toEqual(await (await get('/api/v1/topologies')).json());
  await events.return(undefined);
});

test('one that is killed is gone, and the stream ends; one that never was has none', async () => {
  const { get, operations } = await served();
  operations.put('web');
  const events = eventsOf(await get('/api/v1/topologies/web/live'));
  await next(events);
  operations.forget('web');
  operations.tick();
  expect(await next(events)).toMatchObject({ event: 'gone' });
  expect((await events.next()).done).toBe(true);
  expect((await get('/api/v1/topologies/web/live')).status).toBe(404);
});

test('nobody watches nimbus when nobody reads, nor for a HEAD', async () => {
  const { url, get, operations } = await served();
  operations.put('web');
  await fetch(`${url}/api/v1/live`, { method: 'HEAD' });
  expect(operations.watchers).toBe(0);
  const many = await Promise.all([get('/api/v1/live'), get('/api/v1/topologies/web/live')]);
  const readers = many.map((answer) => eventsOf(answer));
  await Promise.all(readers.map(next));
  expect(operations.watchers).toBe(1);
  await Promise.all(readers.map((reader) => reader.return(undefined)));
  await eventually(() => operations.watchers === 0);
});

test('what is seen by many is looked up once', async () => {
  const { get, operations } = await served();
  operations.put('web');
  let looks = 0;
  const { list } = operations;
  operations.list = () => (looks++, list.call(operations));
  const readers = await Promise.all([1, 2, 3].map(async () => eventsOf(await get('/api/v1/live'))));
  await Promise.all(readers.map(next));
  looks = 0;
  const waiting = readers.map(next);
  operations.put('web', { acked: 77 });
  operations.tick();
  for (const event of await Promise.all(waiting)) expect(event.data[0].acked).toBe(77);
  expect(looks).toBe(1);
  await Promise.all(readers.map((reader) => reader.return(undefined)));
});

test('a reader that does not read has nothing made for it', async () => {
  const { url, operations } = await served();
  // So large that the buffers of sockets are full after some.
  const { components } = operations.put('web');
  const many = Array.from({ length: 2000 }, (_, i) => ({ ...components[0]!, name: `c${i}` }));
  operations.put('web', { components: many });
  let looks = 0;
  const { show } = operations;
  operations.show = (name) => (looks++, show.call(operations, name));
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).pause();
  await once(socket, 'connect');
  socket.write(`GET /api/v1/topologies/web/live HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`);
  let still = 0;
  for (let before = -1; still < 50; before = looks) {
    operations.tick();
    await new Promise((done) => setTimeout(done, 1));
    still = looks > 0 && looks === before ? still + 1 : 0;
  }
  expect(looks).toBeLessThan(100);
  socket.destroy();
  await eventually(() => operations.watchers === 0);
});
