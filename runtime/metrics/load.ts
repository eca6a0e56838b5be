/** How busy a worker is: read once per report, not on the way of a row. @module */
export interface WorkerLoad {
  /** Messages that are neither acked nor failed. */
  readonly inFlight: number;
  /** What its peers have not taken yet. */
  readonly outboxBytes: number;
  /** How long its spouts were kept from emitting, since it started. */
  readonly waitedMs: number;
  /** Which part of the time since the report before its process worked, from 0 to 1. */
  readonly busyRatio: number;
}
