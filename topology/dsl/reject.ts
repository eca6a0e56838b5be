/**
 * Gives up the message at hand because its data is bad: it becomes a dead letter with this reason
 * at once, without a replay.
 *
 * @param reason a short text for the operator, the same for the same fault; never a value of the row
 * @throws Rejected always
 *
 * @example
 * if (row.$host.length === 0) reject('no host');
 */
export function reject(reason: string): never {
  throw new Rejected(reason);
}

export class Rejected extends Error {
  override readonly name = 'Rejected';

  constructor(reason: string) {
    // No stack: it is data, not a bug, and a stack costs ten times the rest of the message.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(reason);
    Error.stackTraceLimit = limit;
  }
}
