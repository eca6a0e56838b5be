import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { RedisConnection, script } from '../../../clients/redis/connection.js';
import { addressOf, redisName } from '../../../clients/redis/options.js';
import { Unavailable } from '../../../clients/redis/unavailable.js';
import { hasRedis, startRedis, type RedisServer } from '../../support/services/redis.js';

const ECHO = script('return ARGV');
const ADD = script("return redis.call('INCRBY', ARGV[1], ARGV[2])");

(hasRedis ? describe : describe.skip)('a connection', () => {
  let server: RedisServer;
  let connection: RedisConnection;

  beforeAll(async () => {
    server = await startRedis();
  });
  afterEach(() => connection.close());
  afterAll(() => server.end());

  async function connect(): Promise<void> {
    connection = new RedisConnection({ url: server.url });
    await connection.ready(() => {});
  }
  const again = async (): Promise<unknown> => {
    for (;;) {
      const answer = await connection.run(ECHO, ['x']).catch((error: unknown) => error);
      if (!(answer instanceof Unavailable)) return answer;
      await new Promise((next) => setTimeout(next, 5));
    }
  };

  test('runs scripts in the order in which they were asked for, also those that Redis does not know', async () => {
    await connect();
    await server.client.script('FLUSH');
    const sums = await Promise.all([1, 10, 100].map((by) => connection.run(ADD, ['sum', by])));
    expect(sums).toEqual([1, 11, 111]);
  });

  test('gives back what was under way when the server dies, refuses more at once, and goes on when it is back', async () => {
    await connect();
    server.service.signal('SIGSTOP');
    const asked = connection.run(ECHO, ['a']).catch((error: unknown) => error);
    await server.service.kill();
    const lost = await asked;
    expect(lost).toBeInstanceOf(Unavailable);
    const refused = await connection.run(ECHO, ['b']).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Unavailable);
    expect(['ECONNRESET', 'ECONNREFUSED']).toContain((refused as Unavailable).code);
    await server.service.start();
    expect(await again()).toEqual(['x']);
  });

  test('takes a server for gone that says nothing', async () => {
    await connect();
    server.service.signal('SIGSTOP');
    const answer = await connection.run(ECHO, ['a']).catch((error: unknown) => error);
    expect(answer).toBeInstanceOf(Unavailable);
    server.service.signal('SIGCONT');
    expect(await again()).toEqual(['x']);
  });

  test('tells a server that can do nothing now from one that refuses', async () => {
    await connect();
    await server.client.config('SET', 'maxmemory', '1');
    await expect(connection.run(ADD, ['a', 1])).rejects.toThrow('can do nothing now (OOM)');
    await server.client.config('SET', 'maxmemory', '0');
    const refused = await connection.run(ADD, ['a', 'x']).catch((error: unknown) => error);
    expect(refused).toMatchObject({ name: 'ReplyError' });
  });
});

test('a server is named without its login', () => {
  expect(redisName({})).toBe('127.0.0.1:6379/0');
  expect(redisName({ url: 'rediss://user:secret@db.example/3' })).toBe('db.example:6379/3');
  expect(redisName({ url: 'redis://db.example:7000', host: 'other', db: 2 })).toBe('other:7000/2');
  expect(redisName({ url: 'redis://[::1]:7000' })).toBe('::1:7000/0');
  for (const url of ['secret', 'http://secret@x', 'redis://h/secret'])
    expect(() => redisName({ url })).toThrow(/^The url of a Redis is written redis:\/\/host/);
});

test('a login is read from the url, and what is given beside it goes before', () => {
  expect(addressOf({ url: 'rediss://me%40x:p%3Aw@h/3', password: 'other' })).toEqual({
    ...{ host: 'h', port: 6379, db: 3, username: 'me@x', password: 'other', tls: {} },
  });
});

test('what is undefined beside a url leaves what the url says', () => {
  const nothing = { host: undefined, db: undefined, password: undefined } as object;
  expect(addressOf({ url: 'redis://:secret@h:7000/3', ...nothing })).toEqual({
    ...{ host: 'h', port: 7000, db: 3, password: 'secret' },
  });
});
