import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { Metrics } from '../../../runtime/coordinator/metrics.js';
import { serveMetrics, type MetricsServer } from '../../../runtime/coordinator/metrics-server.js';

const NOTHING = new Metrics('web', {
  restarts: 7,
  components: () => [],
  workers: () => [],
  ownCounters: () => [],
  receiverGauges: () => [],
});

let server: MetricsServer | undefined;
afterEach(() => server?.close());

test('serves the metrics as Prometheus reads them, and nothing else', async () => {
  server = await serveMetrics(NOTHING, '127.0.0.1', 0);
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*\/metrics$/);
  const answer = await fetch(`${server.url}?x=1`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(await answer.text()).toContain('squall_worker_restarts_total{topology="web"} 7\n');
  for (const path of ['/', '/metrics/', '/favicon.ico'])
    expect((await fetch(new URL(path, server.url))).status).toBe(404);
});

test('a port in use is refused with its code', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  await expect(serveMetrics(NOTHING, '127.0.0.1', port)).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
  other.close();
});

test('a closed server cuts whoever still reads, so that the process can end', async () => {
  const { url, close } = await serveMetrics(NOTHING, '127.0.0.1', 0);
  await (await fetch(url)).text();
  close();
  await expect(fetch(url)).rejects.toThrow();
});
