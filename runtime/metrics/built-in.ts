/** What every run measures: the names, without the `squall_` before them, and what they say. @module */
import type { Family } from './exposition.js';

export const BUILT_IN = {
  emitted_messages_total: ['counter', 'Messages that a spout emitted, each once.'],
  acked_messages_total: ['counter', 'Messages of a spout that every sink has stored.'],
  dead_letters_total: ['counter', 'Messages of a spout that were given up.'],
  attempts_total: ['counter', 'Times that a spout emitted a message, replays included.'],
  replayed_attempts_total: ['counter', 'Attempts after the first.'],
  failed_attempts_total: ['counter', 'Attempts that failed.'],
  complete_latency_seconds: ['histogram', 'From first emission of a message to its last ack.'],
  executed_rows_total: ['counter', 'Rows that a bolt or sink took.'],
  emitted_rows_total: ['counter', 'Rows that a bolt emitted.'],
  acked_rows_total: ['counter', 'Rows that a bolt or sink was done with.'],
  failed_rows_total: ['counter', 'Rows that a bolt or sink failed or rejected.'],
  execute_latency_seconds: [
    'histogram',
    'A row in this component alone; rows of one message in 32 are timed.',
  ],
  worker_restarts_total: ['counter', 'Workers that died and were started again.'],
  worker_up: ['gauge', 'Whether the worker runs: 1, or 0 while it is started again.'],
  in_flight_messages: ['gauge', 'Messages of this worker that are neither acked nor failed.'],
  outbox_bytes: ['gauge', 'Bytes that other workers have not taken from this one yet.'],
  backpressure_seconds_total: ['counter', 'Time that spouts of this worker waited for room.'],
  busy_ratio: ['gauge', 'Part of the time that the worker was at work.'],
} as const satisfies { readonly [name: string]: readonly [Family['type'], help: string] };

export type BuiltIn = keyof typeof BUILT_IN;
