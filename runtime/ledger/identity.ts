/** Which message it is, in words that other processes understand. @module */

/** A message for good: where its spout finds it again. */
export interface MessageId {
  readonly spout: string;
  readonly partition: string;
  /** Where its partition goes on after it. */
  readonly position: number;
}

/** A message in the ledger of a worker, as long as both live. */
export interface RootId {
  readonly worker: number;
  readonly slot: number;
  readonly generation: number;
}

/** Either of them; neither, when it is no message of a spout, or one of several. */
export interface Identity {
  readonly message?: MessageId;
  readonly root?: RootId;
}
