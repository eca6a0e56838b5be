/** Serves `/metrics` over HTTP, and nothing else. @module */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { isIPv6, type AddressInfo } from 'node:net';
import type { Metrics } from './metrics.js';

export interface MetricsServer {
  /** Of the metrics, with the port that was picked. */
  readonly url: string;
  close(): void;
}

/**
 * Listens before it resolves.
 *
 * @param port 0 for any that is free
 * @throws Error with the system's code when it cannot listen there
 */
export async function serveMetrics(
  metrics: Metrics,
  host: string,
  port: number,
): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    const [path] = request.url!.split('?');
    if (path === '/metrics') answer(metrics, response).catch(() => response.destroy());
    else response.writeHead(404).end('There is only /metrics.\n');
  });
  server.listen(port, host);
  await once(server, 'listening');
  const { address, port: listening } = server.address() as AddressInfo;
  return {
    url: `http://${isIPv6(address) ? `[${address}]` : address}:${listening}/metrics`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(metrics: Metrics, response: ServerResponse): Promise<void> {
  const { contentType, text } = await metrics.expose();
  response.writeHead(200, { 'content-type': contentType }).end(text);
}
