/** Serves the API and the page over HTTP. @module */
import { createAdaptorServer } from '@hono/node-server';
import { once } from 'node:events';
import { Server } from 'node:http';
import { isIPv6 } from 'node:net';
import type { Operations } from '../operations.js';
import { apiApp } from './app.js';
import { Live } from './live.js';
import { openPage } from './page.js';

export interface ApiOptions {
  readonly operations: Operations;
  /** What a caller must show to change something, or to see rows or logs. */
  readonly token: string;
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Of the built page. */
  readonly pageFolder?: string;
  /** Told of faults of the server, not of what callers did wrong. */
  readonly onError: (error: unknown) => void;
}

export interface ApiServer {
  /** E.g. `http://127.0.0.1:8080`, with the port that was picked. */
  readonly url: string;
  /** Cuts whoever still reads. */
  close(): Promise<void>;
}

const CONNECTIONS_MAX = 256;

/**
 * Listens before it resolves.
 *
 * @throws Error with the system's code when it cannot listen there
 */
export async function serveApi({
  operations,
  token,
  host = '127.0.0.1',
  port,
  pageFolder,
  onError,
}: ApiOptions): Promise<ApiServer> {
  const live = new Live(operations, onError);
  const page = await openPage(pageFolder);
  const { fetch } = apiApp({ operations, live, token, host, page, onError });
  const server = createAdaptorServer({
    fetch,
    overrideGlobalObjects: false,
    serverOptions: LIMITS,
  });
  if (!(server instanceof Server)) throw new Error('This is no server of HTTP/1.1.');
  server.maxConnections = CONNECTIONS_MAX;
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  const listening = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${isIPv6(host) ? `[${host}]` : host}:${listening}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

const LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  /** For all of a request; an artefact comes over the loopback. */
  requestTimeout: 60_000,
  keepAliveTimeout: 5000,
};
