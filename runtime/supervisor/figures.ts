/** The figures of a run as nimbus is told them. @module */
import type { Run } from '../coordinator/run.js';
import type { ReportedFigures } from '../nimbus/report.js';

export function reportedFigures(run: Run): ReportedFigures {
  const open = run.open();
  const pids = run.pids();
  return {
    placement: run.placement,
    components: run.components().map(({ latency, latencyMs: _, ...component }, i) => ({
      ...component,
      latency: latency.toJSON(),
      open: open[i]!,
    })),
    workers: run.workers().map(({ worker, load, waitedMs }) => ({
      worker,
      pid: pids[worker] ?? null,
      load,
      waitedMs,
    })),
    reasons: run.reasons(),
    own: [
      ...run.ownCounters(),
      ...run.receiverGauges(),
      ...run.workers().flatMap(({ worker, gauges }) => gauges.map((each) => ({ ...each, worker }))),
    ],
  };
}
