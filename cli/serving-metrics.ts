/** Has a run serve its metrics where the user said. @module */
import type { MetricsServer } from '../runtime/coordinator/metrics-server.js';
import type { Run } from '../runtime/coordinator/run.js';
import { CommandError } from './exit-codes.js';

/** @throws CommandError when that port or host cannot be used */
export async function servingMetrics(
  running: Run,
  topology: string,
  host: string,
  port: number,
): Promise<MetricsServer> {
  // Loaded only when it is asked for: prom-client alone takes as long to load as all the rest.
  const { Metrics } = await import('../runtime/coordinator/metrics.js');
  const { serveMetrics } = await import('../runtime/coordinator/metrics-server.js');
  try {
    return await serveMetrics(new Metrics(topology, running), host, port);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'another program listens there' : code;
    throw new CommandError(
      `Metrics cannot be served at ${host}, port ${port}: ${why}. Give another --metrics-port (0 for any that is free) or --metrics-host.`,
    );
  }
}
