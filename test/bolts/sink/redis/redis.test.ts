import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { redis } from '../../../../bolts/sink/redis/redis.js';
import type { RedisSinkOptions } from '../../../../bolts/sink/redis/options.js';
import { openSink, type OpenSink } from '../../../../runtime/testing/sinks.js';
import {
  bytes,
  flag,
  int,
  list,
  nullable,
  pii,
  text,
  time,
} from '../../../../topology/rows/field.js';
import { schema } from '../../../../topology/rows/schema.js';
import { hasRedis, startRedis, type RedisServer } from '../../../support/services/redis.js';

const Hit = schema('hit', {
  id: text(),
  country: nullable(text()),
  bytes: nullable(int()),
  dt: time(),
});

const hit = (id: number | string, country: string | null, size: number | null = 1): object => ({
  id: String(id),
  country,
  bytes: size,
  dt: Date.UTC(2014, 2, 1, 12),
});

const whenRedis = hasRedis ? describe : describe.skip;

whenRedis('the redis sink', () => {
  let server: RedisServer;
  const open: OpenSink[] = [];

  beforeAll(async () => {
    server = await startRedis();
  });
  afterEach(async () => {
    for (const sink of open.splice(0)) await sink.close();
    await server.client.flushall();
  });
  afterAll(() => server.end());

  async function opened(options: RedisSinkOptions, rows = Hit as never): Promise<OpenSink> {
    const sink = await openSink(redis({ url: server.url, ...options }), rows);
    open.push(sink);
    return sink;
  }

  /** Stores the rows; returns what was refused. */
  async function store(
    options: RedisSinkOptions,
    rows: readonly object[],
  ): Promise<[number, string][]> {
    const sink = await opened(options);
    for (const row of rows) sink.write(row as never);
    return [...((await sink.flush()) ?? [])];
  }

  test('adds up in hashes whose keys and fields are made of the row', async () => {
    const rows = [hit(1, 'SE'), hit(2, 'FI'), hit(3, 'SE'), hit(4, null)];
    const key = 'hits:{dt:yyyy-MM-dd}';
    expect(
      await store({ command: 'HINCRBY', key, field: '{country}', keyPrefix: 'p:' }, rows),
    ).toEqual([]);
    expect(await server.client.hgetall('p:hits:2014-03-01')).toEqual({ SE: '2', FI: '1', _: '1' });
  });

  test('adds up a field, and lets the key go when nothing came for its time to live', async () => {
    const rows = [hit(1, 'SE', 20), hit(2, 'SE', -3)];
    const field = 'bytes {country}';
    await store({ command: 'HINCRBY', key: 'sum', field, by: 'bytes', ttl: '1h' }, rows);
    expect(await server.client.hgetall('sum')).toEqual({ 'bytes SE': '17' });
    expect(await server.client.pttl('sum')).toBeGreaterThan(3_500_000);
  });

  test('appends the fields of a row to a stream, in order, and keeps about the newest', async () => {
    const rows = Array.from({ length: 1_000 }, (_, i) => hit(i, i === 0 ? null : 'SE'));
    await store({ command: 'XADD', key: 'stream', maxLength: 5_000 }, rows);
    const entries = await server.client.xrange('stream', '-', '+');
    expect(entries.map(([, fields]) => fields[1])).toEqual(rows.map((_, i) => String(i)));
    expect(entries[0]![1]).toEqual(['id', '0', 'bytes', '1', 'dt', '2014-03-01T12:00:00.000Z']);
    await store({ command: 'XADD', key: 'stream', maxLength: 200 }, rows);
    expect(await server.client.xlen('stream')).toBeLessThan(500);
  });

  test('writes values of all types into a stream', async () => {
    const Wide = schema('wide', { yes: flag(), raw: bytes(), many: list(text()) });
    const sink = await opened({ command: 'XADD', key: 'wide' }, Wide as never);
    sink.write({ yes: true, raw: Buffer.from([0, 255]), many: ['a', 'é'] });
    await sink.flush();
    const [[, fields]] = (await server.client.xrange('wide', '-', '+')) as [[string, string[]]];
    expect(fields).toEqual(['yes', 'true', 'raw', 'AP8=', 'many', '["a","é"]']);
  });

  test('appends rows as JSON to a list, and keeps exactly the newest', async () => {
    const rows = Array.from({ length: 1_200 }, (_, i) => hit(i, 'é"'));
    await store({ command: 'RPUSH', key: 'list', maxLength: 3 }, rows);
    const kept = await server.client.lrange('list', 0, -1);
    expect(kept.map((text) => JSON.parse(text) as object)).toEqual(
      [1197, 1198, 1199].map((id) => ({ ...hit(id, 'é"'), dt: '2014-03-01T12:00:00.000Z' })),
    );
  });

  test('sets keys that live for a time', async () => {
    await store({ command: 'SET', key: 'last:{country}', ttl: '1h' }, [hit(1, 'SE'), hit(2, 'SE')]);
    expect(JSON.parse((await server.client.get('last:SE'))!)).toMatchObject({ id: '2' });
    expect(await server.client.pttl('last:SE')).toBeGreaterThan(3_500_000);
  });

  test('publishes to those who listen', async () => {
    const listener = server.client.duplicate();
    const heard: string[] = [];
    await listener.subscribe('hits');
    const all = new Promise<void>((done) => {
      listener.on('message', (_, text) => void (heard.push(text) === 2 && done()));
    });
    await store({ command: 'PUBLISH', channel: 'hits' }, [hit(1, 'SE'), hit(2, 'FI')]);
    await all;
    listener.disconnect();
    expect(heard.map((text) => (JSON.parse(text) as { id: string }).id)).toEqual(['1', '2']);
  });

  test('refuses the rows that Redis refuses, without a value of theirs, and stores the others', async () => {
    await server.client.set('hits:FI', 'secret');
    await server.client.hset('hits:NO', 'n', 'secret');
    const rows = Array.from({ length: 1_500 }, (_, i) =>
      hit(i, i === 700 ? 'FI' : i === 1_400 ? 'NO' : 'SE'),
    );
    const refused = await store({ command: 'HINCRBY', key: 'hits:{country}', field: 'n' }, rows);
    expect(refused).toEqual([
      [700, 'Redis refused it: WRONGTYPE Operation against a key holding the wrong kind of value'],
      [1_400, 'Redis refused it: hash value is not an integer'],
    ]);
    expect(await server.client.hget('hits:SE', 'n')).toBe('1498');
  });

  test('says that the user may not do it, in the words of Redis that hold no value', async () => {
    const rules = ['on', '>pw', '~*', '+@all', '-hincrby'];
    await server.client.call('ACL', 'SETUSER', 'reader', ...rules);
    const login = { username: 'reader', password: 'pw' };
    const [[, reason] = [0, '']] = await store(
      { ...login, command: 'HINCRBY', key: 'hits', field: 'n' },
      [hit(1, 'SE')],
    );
    // Redis 7.0 and later.
    expect(reason).toMatch(/^Redis refused it: (can't run this command|no permissions)$/);
  });

  test('gives a row of nothing but nulls the reason, in a stream', async () => {
    const Nulls = schema('nulls', { a: nullable(text()) });
    const sink = await opened({ command: 'XADD', key: 'k' }, Nulls as never);
    expect(() => sink.write({ a: null })).toThrow('every field is null');
  });

  test('gives a row without the number to add up the reason', async () => {
    const sink = await opened({ command: 'HINCRBY', key: 'k', field: 'f', by: 'bytes' });
    expect(() => sink.write(hit(1, 'SE', null) as never)).toThrow('bytes is null');
  });

  describe('with once', () => {
    const once = { id: '{id}', window: '1h' } as const;
    const options = { command: 'HINCRBY', key: 'hits', field: '{country}', once } as const;

    test('does the command of an id once, in one flush, in two and by two tasks', async () => {
      await store(options, [hit(1, 'SE'), hit(1, 'SE'), hit(2, 'SE')]);
      await store(options, [hit(2, 'SE'), hit(3, 'SE')]);
      expect(await server.client.hget('hits', 'SE')).toBe('3');
    });

    test('does it again when Redis refused it before', async () => {
      await server.client.set('hits', 'no hash');
      expect(await store(options, [hit(1, 'SE')])).toHaveLength(1);
      await server.client.del('hits');
      expect(await store(options, [hit(1, 'SE')])).toEqual([]);
      expect(await server.client.hget('hits', 'SE')).toBe('1');
    });

    test('lets Redis forget the ids, by the window', async () => {
      await store(options, [hit(1, 'SE')]);
      const [key] = await server.client.keys('squall:once:test:sink:*');
      const ttl = await server.client.pttl(key!);
      expect(ttl).toBeGreaterThan(2 * 3_600_000 - 60_000);
      expect(ttl).toBeLessThanOrEqual(2 * 3_600_000);
    });

    test('remembers an id in under 100 bytes', async () => {
      const rows = Array.from({ length: 20_000 }, (_, i) => hit(`a rather long id ${i}`, 'SE'));
      await store(options, rows);
      const [key] = await server.client.keys('squall:once:test:sink:*');
      const used = (await server.client.memory('USAGE', key!, 'SAMPLES', 0)) ?? NaN;
      expect(used / 20_000).toBeLessThan(100);
    });
  });

  describe('while Redis is away', () => {
    const once = { id: '{id}', window: '1h' } as const;
    const options = { command: 'HINCRBY', key: 'hits', field: '{country}', once } as const;
    const unavailable = { name: 'Unavailable', code: expect.stringMatching(/^E/) as unknown };

    /** As the runtime does it. */
    async function untilStored(sink: OpenSink): Promise<void> {
      for (;;) {
        const error = await sink.flush().then(
          () => null,
          (failed: unknown) => failed,
        );
        if (error === null) return;
        expect(error).toMatchObject(unavailable);
        await new Promise((next) => setTimeout(next, 5));
      }
    }

    test('keeps the rows, tells the operator the same each time, and stores each once when it is back', async () => {
      const sink = await opened(options);
      for (let i = 0; i < 2_000; i++) sink.write(hit(i, 'SE') as never);
      const flushing = sink.flush().catch((error: unknown) => error);
      await server.service.kill();
      await flushing;
      await expect(sink.flush()).rejects.toMatchObject(unavailable);
      await expect(sink.flush()).rejects.toMatchObject(unavailable);
      sink.write(hit('late', 'SE') as never);
      await server.service.start();
      await untilStored(sink);
      await untilStored(sink);
      expect(await server.client.hget('hits', 'SE')).toBe('2001');
      expect(new Set(sink.warnings)).toEqual(
        new Set([`Redis at 127.0.0.1:${server.port}/0 cannot be reached: rows wait for it.`]),
      );
    });

    test('does not take a row that comes meanwhile for one of the flush that is tried again', async () => {
      await server.client.set('hits:FI', 'no hash');
      const sink = await opened({ command: 'HINCRBY', key: 'hits:{country}', field: 'n' });
      sink.write(hit(1, 'SE') as never);
      await server.service.kill();
      await expect(sink.flush()).rejects.toMatchObject(unavailable);
      sink.write(hit(2, 'FI') as never);
      await server.service.start();
      await untilStored(sink);
      expect([...((await sink.flush()) ?? new Map()).keys()]).toEqual([0]);
    });

    test('waits for a server that takes no writes', async () => {
      const sink = await opened(options);
      sink.write(hit(1, 'SE') as never);
      await server.client.replicaof('127.0.0.1', 1);
      await expect(sink.flush()).rejects.toThrow('can do nothing now (READONLY)');
      await server.client.replicaof('NO', 'ONE');
      await untilStored(sink);
      expect(await server.client.hget('hits', 'SE')).toBe('1');
    });

    test('goes on behind the last row that a full server took, and counts none twice', async () => {
      await server.client.config('SET', 'maxmemory-policy', 'noeviction');
      const sink = await opened({ command: 'RPUSH', key: 'list' });
      const rows = Array.from({ length: 1_500 }, (_, i) => hit(i, 'x'.repeat(2_000)));
      for (const row of rows) sink.write(row as never);
      const used = /used_memory:(\d+)/.exec(await server.client.info('memory'))![1];
      await server.client.config('SET', 'maxmemory', Number(used) + 1_000_000);
      await expect(sink.flush()).rejects.toThrow('can do nothing now (OOM)');
      await server.client.config('SET', 'maxmemory', 0);
      await untilStored(sink);
      const stored = await server.client.lrange('list', 0, -1);
      expect(
        stored.map((text) => Number((JSON.parse(text) as { id: string }).id)).sort((a, b) => a - b),
      ).toEqual(rows.map((_, i) => i));
    });
  });

  test('refuses at the start what does not fit the rows', async () => {
    const wrong: [RedisSinkOptions, string][] = [
      [{ command: 'SET', key: '' }, 'is empty'],
      [{ command: 'SET', key: '{nope}' }, 'names the field "nope"'],
      [{ command: 'SET', key: '{dt}' }, 'needs a pattern for the time "dt"'],
      [{ command: 'HINCRBY', key: 'k', field: 'f', by: 'id' }, 'no int field'],
      [{ command: 'HINCRBY', key: 'k', field: 'f', by: 0.5 }, 'whole number'],
      [{ command: 'RPUSH', key: 'k', maxLength: 0 }, 'maxLength'],
    ];
    for (const [options, message] of wrong) await expect(opened(options)).rejects.toThrow(message);
    const Sealed = schema('sealed', { ip: pii('ip') });
    await expect(opened({ command: 'SET', key: 'k' }, Sealed as never)).rejects.toThrow(
      '"ip" is sealed',
    );
  });

  test('shows the server in the plan, and neither login nor url', () => {
    const sink = redis({
      url: 'redis://user:secret@db.example:1234/5',
      command: 'SET',
      key: 'k',
    });
    expect(sink.parameters).toEqual({ command: 'SET', key: 'k', server: 'db.example:1234/5' });
    expect(() => redis({ url: 'http://user:secret@x', command: 'SET', key: 'k' })).toThrow(
      /^The url of a Redis is written redis:/,
    );
  });
});
