import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { redisState } from '../../../bolts/redis-state/redis-state.js';
import type { BoltContext } from '../../../topology/dsl/context.js';
import { boltContext } from '../../support/bolt-context.js';
import { hasRedis, startRedis, type RedisServer } from '../../support/services/redis.js';

(hasRedis ? describe : describe.skip)('a state in Redis', () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.end());

  const open = (key: string, parts: Partial<BoltContext> = {}): ReturnType<typeof redisState> =>
    redisState(boltContext(parts), { url: server.url, key });

  test('is stored by a flush that began while Redis was away, and is there after its restart', async () => {
    const state = await open('away');
    state.put('a', 1);
    await state.flush();
    await server.service.kill();
    state.put('b', 2);
    const flushed = state.flush();
    await server.service.start();
    await flushed;
    state.close();
    const again = await open('away');
    expect([...again.entries()].sort()).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    again.close();
  });

  test('is waited for when Redis is not there at the start', async () => {
    await server.service.kill();
    const warnings: string[] = [];
    let opened: ReturnType<typeof redisState> | undefined;
    await new Promise<void>((told) => {
      opened = open('late', { warn: (message) => (warnings.push(message), told()) });
    });
    await server.service.start();
    (await opened!).close();
    expect(warnings).toEqual([
      `Redis at 127.0.0.1:${server.port}/0 cannot be reached (ECONNREFUSED): nothing runs until it answers.`,
    ]);
  });

  test('cannot be changed by who had it before', async () => {
    const before = await open('owned');
    before.put('a', 1);
    await before.flush();
    const after = await open('owned');
    before.put('a', 2);
    await expect(before.flush()).rejects.toThrow('FENCED');
    after.put('b', 3);
    await after.flush();
    expect(await server.client.hgetall('owned:0')).toEqual({ a: '1', b: '3' });
    before.close();
    after.close();
  });

  test('is stored as a whole also when more has changed than one script takes', async () => {
    const state = await open('large');
    const count = 410_000;
    for (let i = 0; i < count; i++) state.put(`${i}`, i);
    await state.flush();
    expect(await server.client.hlen('large:0')).toBe(count);
    const owner = await open('large');
    for (let i = 0; i < count; i++) state.delete(`${i}`);
    await expect(state.flush()).rejects.toThrow('FENCED');
    expect(await server.client.hlen('large:0')).toBe(count);
    state.close();
    owner.close();
  });

  test('keeps tasks apart, and refuses another number of them', async () => {
    const first = await open('tasks', { task: 0, tasks: 2 });
    const second = await open('tasks', { task: 1, tasks: 2 });
    first.put('a', 1);
    second.put('a', 2);
    await Promise.all([first.flush(), second.flush()]);
    expect([first.get('a'), second.get('a')]).toEqual([1, 2]);
    first.close();
    second.close();
    await expect(open('tasks', { task: 0, tasks: 3 })).rejects.toThrow(
      'is that of 2 tasks, and there are 3 now',
    );
  });

  test('is not opened with a login that Redis refuses, and says so without the password', async () => {
    await server.client.config('SET', 'requirepass', 'right');
    const opened = redisState(boltContext(), { url: server.url, password: 'wrong-one' });
    await expect(opened).rejects.toThrow(
      /^Redis at 127\.0\.0\.1:\d+\/0 refuses the connection \(WRONGPASS\): check password/,
    );
    await expect(redisState(boltContext(), { url: server.url })).rejects.toThrow('(NOAUTH)');
    const state = await redisState(boltContext(), {
      url: server.url.replace('//', '//default:right@'),
    });
    state.close();
    await server.client.config('SET', 'requirepass', '');
  });

  test('is not opened in a database that is not there', async () => {
    await expect(redisState(boltContext(), { url: server.url, db: 99 })).rejects.toThrow(
      '/99 refuses the connection (ERR)',
    );
  });
});
