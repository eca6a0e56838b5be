/** What can be asked of nimbus: by the HTTP API, and so by the command line and the page. @module */
import { z } from 'zod';
import type { Exposition } from '../metrics/exposition.js';
import type { History, TopologyStatus } from './status.js';

/** Also a folder's name and a label of metrics. */
export const TopologyName = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, {
  error: 'a topology name is a letter, then up to 63 letters, digits, "_" or "-"',
});

/** More workers or tasks than that are a mistake on one machine. */
export const WORKERS_MAX = 64;
export const TASKS_MAX = 256;

export const Submission = z.strictObject({
  /** Default: the topology's own. */
  name: TopologyName.optional(),
  /** The name of one that ships, or the text of an artefact: one ES module whose default export is the topology. */
  source: z.union([
    z.strictObject({ catalog: z.string().max(64) }),
    z.strictObject({ artefact: z.string().max(16 * 1024 * 1024) }),
  ]),
  /** By name; what is not given has its default. */
  parameters: z.record(z.string().max(256), z.json()).default({}),
  /** Where relative paths of its parameters begin; absolute. Default: where nimbus was started. */
  directory: z.string().max(4096).regex(/^\//, { error: 'must be absolute' }).optional(),
  workers: z.int().min(1).max(WORKERS_MAX),
  maxAttempts: z.int().min(1).max(1000).default(5),
  messageTimeoutMs: z.int().min(1000).max(86_400_000).default(30_000),
  workerMemoryMb: z.int().min(64).max(1_048_576).optional(),
});
export type Submission = z.infer<typeof Submission>;

/** What an upgrade brings; the rest stays as it was submitted. */
export const UpgradeRequest = Submission.pick({
  source: true,
  parameters: true,
  directory: true,
}).extend({ dryRun: z.boolean().default(false) });
export type UpgradeRequest = z.infer<typeof UpgradeRequest>;

export const ScaleRequest = z.strictObject({
  /** By bolt. */
  tasks: z.record(z.string().max(256), z.int().min(1).max(TASKS_MAX)).default({}),
  workers: z.int().min(1).max(WORKERS_MAX).optional(),
  dryRun: z.boolean().default(false),
});
export type ScaleRequest = z.infer<typeof ScaleRequest>;

/** What a scaling does, or would do. */
export const ScaleResult = z.object({
  dryRun: z.boolean(),
  changes: z.array(
    z.object({
      /** Null: the workers of the topology. */
      component: z.string().nullable(),
      from: z.int(),
      to: z.int(),
      /** Which ranges of the 256 key slots change their task, e.g. "0-63: 0 -> 1". Empty for what has no key. */
      moves: z.array(z.string()),
      /** What operators should expect while it happens. */
      pause: z.string(),
    }),
  ),
});
export type ScaleResult = z.infer<typeof ScaleResult>;

/** What an upgrade does, or would do. */
export const UpgradeResult = z.object({
  dryRun: z.boolean(),
  fromHash: z.string(),
  toHash: z.string(),
  /** Lines for people: components and fields added, removed and changed, and what becomes of state. */
  changes: z.array(z.string()),
});
export type UpgradeResult = z.infer<typeof UpgradeResult>;

/** What was asked for is not done, and nothing changed. */
export class Refused extends Error {
  override readonly name = 'Refused';
  /** HTTP's: 404 no such thing, 409 not in this state, 422 what was sent is wrong, 503 the supervisor is away. */
  readonly status: 404 | 409 | 422 | 503;
  /** Stable, e.g. `no-such-topology`. */
  readonly code: string;

  constructor(status: Refused['status'], code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** All of these throw `Refused`. A change is durable when its promise resolves; it is carried out when `reached` is `generation`. */
export interface Operations {
  list(): readonly TopologyStatus[];
  show(name: string): TopologyStatus;
  history(name: string): History;
  submit(submission: Submission): Promise<TopologyStatus>;
  scale(name: string, request: ScaleRequest): Promise<ScaleResult>;
  pause(name: string): Promise<TopologyStatus>;
  /** Also of one that is drained or failed: it is started again. */
  resume(name: string): Promise<TopologyStatus>;
  drain(name: string): Promise<TopologyStatus>;
  /** Ends it at once and forgets it; its state folder stays. */
  kill(name: string): Promise<TopologyStatus>;
  upgrade(name: string, request: UpgradeRequest): Promise<UpgradeResult>;
  /** Files of the logs of its workers, oldest first. */
  logs(name: string): Promise<readonly string[]>;
  /** Of all topologies, and of nimbus itself. */
  metrics(): Promise<Exposition>;
  /** Whether the supervisor is there. */
  ready(): boolean;
  /** Calls back once a second, when figures are new. Returns what ends it. */
  watch(listener: () => void): () => void;
}
