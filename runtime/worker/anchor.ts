/** What a row hangs on: an edge of its message that is open after its visit, until it is settled. @module */
import { RowError } from '../../topology/rows/row-error.js';
import type { Failure } from '../ledger/failure.js';

export interface Anchor {
  /** The worker whose ledger has the root. */
  worker: number;
  slot: number;
  generation: number;
  /** The sum (XOR) of the edges that settling it closes or makes known. */
  high: number;
  low: number;
}

/** Where acks go. */
export interface Acks {
  ack(worker: number, slot: number, generation: number, high: number, low: number): void;
  fail(worker: number, slot: number, generation: number, failure: Failure): void;
}

const SETTLED = -1;

/** Acks it, or fails its message. @throws RowError the second time */
export function settle(anchor: Anchor, acks: Acks, failure: Failure | null): void {
  if (isSettled(anchor)) throw new RowError('A row was settled twice.');
  const { worker, slot, generation, high, low } = anchor;
  anchor.slot = SETTLED;
  if (failure === null) acks.ack(worker, slot, generation, high, low);
  else acks.fail(worker, slot, generation, failure);
}

export const isSettled = (anchor: Anchor): boolean => anchor.slot === SETTLED;
