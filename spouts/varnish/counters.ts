/** What the process that reads a live log counts. @module */
import type { Counter } from '../../topology/dsl/context.js';
import type { ReceiverContext } from '../../topology/dsl/receiver.js';

export interface Counters {
  readonly overruns: Counter;
  readonly abandoned: Counter;
  readonly restarts: Counter;
  readonly cut: Counter;
  readonly drops: Counter;
}

export const countersOf = ({ counter }: ReceiverContext): Counters => ({
  overruns: counter(
    'varnish_log_overruns_total',
    "How often Varnish's log had gone round before it was read: the requests between are lost.",
  ),
  abandoned: counter(
    'varnish_log_abandoned_total',
    "How often Varnish's log went away, because Varnish was stopped or restarted.",
  ),
  restarts: counter(
    'varnish_reader_restarts_total',
    'How often varnishncsa or varnishlog ended and was started again.',
  ),
  cut: counter(
    'varnish_cut_rows_total',
    'Rows of which Varnish had cut a URL or header at vsl_reclen.',
  ),
  drops: counter(
    'varnish_journal_drops_total',
    'Rows that had been read and found no room in the journal when the run ended.',
  ),
});
