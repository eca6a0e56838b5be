/** A Redis for tests: on a free port, with every answer on disk before it is given. @module */
import { Redis } from 'ioredis';
import { freePorts, isInstalled, serverFolder, Service } from './service.js';

export const hasRedis = isInstalled('redis-server', 'redis-server');

export interface RedisServer {
  readonly service: Service;
  readonly port: number;
  readonly url: string;
  /** To look in from the outside; connects again by itself. */
  readonly client: Redis;
  end(): Promise<void>;
}

/** Starts one. @param more options of redis-server, e.g. `'--maxmemory', '10mb'` */
export async function startRedis(...more: string[]): Promise<RedisServer> {
  const [port] = (await freePorts(1)) as [number];
  const folder = serverFolder('redis');
  const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 20 });
  client.on('error', () => {});
  const service = new Service({
    name: 'redis',
    command: [
      ...['redis-server', '--port', String(port), '--bind', '127.0.0.1', '--save', ''],
      ...['--appendonly', 'yes', '--appendfsync', 'always', ...more],
    ],
    folder: folder.path,
    answers: async () => (await client.ping()) === 'PONG',
  });
  await service.start();
  return {
    service,
    port,
    url: `redis://127.0.0.1:${port}`,
    client,
    async end() {
      client.disconnect();
      await service.kill();
      folder.remove();
    },
  };
}
