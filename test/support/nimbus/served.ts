/** A real server over topologies in memory, for one test. */
import { afterEach } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveApi, type ApiOptions, type ApiServer } from '../../../runtime/nimbus/api/server.js';
import { InMemory } from './in-memory.js';

export const TOKEN = 'b'.repeat(43);

export interface Served {
  readonly url: string;
  /** The folder of the cluster, as nimbus leaves it. */
  readonly folder: string;
  readonly operations: InMemory;
  /** Faults of the server. */
  readonly faults: unknown[];
  /** With the token. */
  ask(method: string, path: string, body?: unknown): Promise<Response>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
}

const servers: { server: ApiServer; folder: string }[] = [];
afterEach(async () => {
  for (const { server, folder } of servers.splice(0)) {
    await server.close();
    rmSync(folder, { recursive: true });
  }
});

export async function served(options: Partial<ApiOptions> = {}): Promise<Served> {
  const operations = new InMemory();
  const faults: unknown[] = [];
  const onError = (error: unknown): void => void faults.push(error);
  const server = await serveApi({ operations, token: TOKEN, port: 0, onError, ...options });
  const { url } = server;
  const folder = mkdtempSync(join(tmpdir(), 'squall-cluster-'));
  servers.push({ server, folder });
  writeFileSync(join(folder, 'nimbus.json'), JSON.stringify({ url, pid: process.pid }));
  writeFileSync(join(folder, 'token'), `${TOKEN}\n`, { mode: 0o600 });
  return {
    url,
    folder,
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
