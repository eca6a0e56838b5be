/** Why a message was not done. Never holds a value of a row. @module */
export type Failure =
  /** Bad data: no replay. */
  | { readonly kind: 'rejected'; readonly component: string; readonly reason: string }
  /** A component threw or failed it. */
  | { readonly kind: 'failed'; readonly component: string; readonly code: string }
  | { readonly kind: 'timeout' }
  /** A worker died that may have had a row of it. */
  | { readonly kind: 'worker-lost' };

/** `failed(parse, TypeError)`: for people. */
export function failureText(failure: Failure): string {
  if (failure.kind === 'rejected') return `rejected(${failure.component}, ${failure.reason})`;
  if (failure.kind === 'failed') return `failed(${failure.component}, ${failure.code})`;
  return failure.kind;
}
