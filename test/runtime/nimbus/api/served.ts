/** A real server over topologies in memory, for one test. */
import { afterEach } from '@jest/globals';
import {
  serveApi,
  type ApiOptions,
  type ApiServer,
} from '../../../../runtime/nimbus/api/server.js';
import { InMemory } from './in-memory.js';

export const TOKEN = 'b'.repeat(43);

export interface Served {
  readonly url: string;
  readonly operations: InMemory;
  /** Faults of the server. */
  readonly faults: unknown[];
  /** With the token. */
  ask(method: string, path: string, body?: unknown): Promise<Response>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
}

const servers: ApiServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

export async function served(options: Partial<ApiOptions> = {}): Promise<Served> {
  const operations = new InMemory();
  const faults: unknown[] = [];
  const onError = (error: unknown): void => void faults.push(error);
  const server = await serveApi({ operations, token: TOKEN, port: 0, onError, ...options });
  servers.push(server);
  const { url } = server;
  return {
    url,
    operations,
    faults,
    get: (path, headers = {}) => fetch(url + path, { headers }),
    ask: (method, path, body) =>
      fetch(url + path, {
        method,
        headers: {
          authorization: `Bearer ${TOKEN}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
  };
}
