/**
 * What the HTTP API says of a topology: shapes that its document, its clients and the page share.
 *
 * Rates are per second over the last report; latencies are milliseconds; ratios are 0 to 1.
 *
 * @module
 */
import { z } from 'zod';

/**
 * `starting` until its first worker emits; `draining` while what is in flight finishes; `drained` and `completed`
 * (its input ended) hold no processes; `failed` says why in `reason`.
 */
export const TopologyState = z.enum([
  'starting',
  'running',
  'paused',
  'draining',
  'drained',
  'completed',
  'failed',
  'killing',
]);
export type TopologyState = z.infer<typeof TopologyState>;

const count = z.number().nonnegative();
const rate = z.number().nonnegative();
const ratio = z.number().min(0).max(1);
const milliseconds = z.number().nonnegative().nullable();

export const ComponentStatus = z.object({
  name: z.string(),
  role: z.enum(['spout', 'bolt', 'sink']),
  kind: z.string(),
  /** Which worker each task is in. */
  taskWorkers: z.array(z.int().nonnegative()),
  /** Of spouts: messages; of others: rows. Since the topology was submitted. */
  executed: count,
  emitted: count,
  acked: count,
  failed: count,
  failedBy: z.record(z.string(), count),
  replayed: count,
  deadLetters: count,
  rates: z.object({ executed: rate, emitted: rate, acked: rate, failed: rate }),
  /** Of spouts, first emission to last ack; of others, a row's own time in it. */
  latencyMs: z.object({ p50: milliseconds, p99: milliseconds }),
  /** Storm's: which part of its workers' time it takes; near 1 it can do no more. */
  capacity: ratio,
  /** Rows that it has taken and that are not done. */
  open: count,
  /** `busy`: at its capacity; `blocked`: it waits for what comes after it; `starved`: it waits for rows. */
  pressure: z.enum(['busy', 'blocked', 'starved', 'idle']),
  /** Messages that its source has and that it has not read; null where the source cannot tell. */
  lag: count.nullable(),
});
export type ComponentStatus = z.infer<typeof ComponentStatus>;

export const EdgeStatus = z.object({
  from: z.string(),
  stream: z.string(),
  to: z.string(),
  grouping: z.string(),
  /** Rows stay in their worker. */
  fused: z.boolean(),
  /** Rows a second. */
  rate: rate,
});
export type EdgeStatus = z.infer<typeof EdgeStatus>;

export const WorkerStatus = z.object({
  worker: z.int().nonnegative(),
  /** Null while it is dead. */
  pid: z.int().nullable(),
  up: z.boolean(),
  inFlight: count,
  outboxBytes: count,
  /** Which part of the last second its process worked. */
  busyRatio: ratio,
});
export type WorkerStatus = z.infer<typeof WorkerStatus>;

/** What keeps a topology from going faster: the component, and the edge that leads to it. */
export const Limit = z.object({
  component: z.string(),
  /** Which components feed it. */
  from: z.array(z.string()),
  why: z.enum(['busy', 'blocked']),
});
export type Limit = z.infer<typeof Limit>;

export const TopologySummary = z.object({
  name: z.string(),
  state: TopologyState,
  /** Why it failed, or what it waits for. */
  reason: z.string().nullable(),
  /** Grows with each change that an operator makes. */
  generation: z.int().positive(),
  /** The generation that its processes follow: a change is done when both are equal. */
  reached: z.int().nonnegative(),
  planHash: z.string(),
  /** It was upgraded a moment ago, and what was before comes back if it fails now. */
  onTrial: z.boolean(),
  /** Why the last upgrade was taken back; null when it was not. */
  takenBack: z.string().nullable(),
  workers: z.int().positive(),
  submittedAt: z.iso.datetime(),
  /** How often a worker died and was started again. */
  restarts: count,
  /** Over its spouts. */
  rates: z.object({ emitted: rate, acked: rate, failed: rate }),
  /** Over its spouts, since it was submitted. */
  emitted: count,
  acked: count,
  deadLetters: count,
  lag: count.nullable(),
  limit: Limit.nullable(),
});
export type TopologySummary = z.infer<typeof TopologySummary>;

export const TopologyStatus = TopologySummary.extend({
  components: z.array(ComponentStatus),
  edges: z.array(EdgeStatus),
  workerStatus: z.array(WorkerStatus),
  /** Why messages became dead letters, the most frequent first. */
  reasons: z.array(z.tuple([z.string(), count])),
  /** Where its state, dead letters and logs are. */
  stateDir: z.string(),
});
export type TopologyStatus = z.infer<typeof TopologyStatus>;

/** Ten minutes of a topology, oldest first; the series are as long as `atMs`, null where nothing was known. */
export const History = z.object({
  /** Milliseconds since 1970. */
  atMs: z.array(z.number()),
  components: z.array(
    z.object({
      name: z.string(),
      /** Rows a second; of spouts, messages acked. */
      rate: z.array(rate.nullable()),
      p99Ms: z.array(milliseconds),
      capacity: z.array(ratio.nullable()),
    }),
  ),
});
export type History = z.infer<typeof History>;
