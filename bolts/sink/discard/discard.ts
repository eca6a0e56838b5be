/** @module */
import { sink, type PublicRow, type Sink } from '../../../topology/dsl/sink.js';

/**
 * Stores nothing: rows are acked and gone. For measuring what comes before, and for dry runs.
 *
 * @example
 * t.sink('nowhere', discard(), { from: safe.shuffle() });
 */
export const discard = (): Sink<PublicRow> =>
  sink<PublicRow>({ kind: 'discard', open: () => ({ write() {} }) });
