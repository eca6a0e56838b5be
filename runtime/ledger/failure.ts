/** Why a message was not done. Never holds a value of a row. @module */
export type Failure =
  /** Bad data: no replay. */
  | { readonly kind: 'rejected'; readonly component: string; readonly reason: string }
  /** A component threw or failed it. */
  | { readonly kind: 'failed'; readonly component: string; readonly code: string }
  | { readonly kind: 'timeout' }
  /** A worker died that may have had a row of it. */
  | { readonly kind: 'worker-lost' }
  | Killing;

/** It was at work when its worker had to be killed, ran out of memory or ended, so often that it is not tried again. */
export interface Killing {
  readonly kind: 'blocked' | 'out-of-memory' | 'killed-worker';
  readonly component: string | undefined;
}

const KINDS = [
  'rejected',
  'failed',
  'timeout',
  'worker-lost',
  'blocked',
  'out-of-memory',
  'killed-worker',
] as const satisfies readonly Failure['kind'][];

/** One of each kind. */
export const perKind = <T>(make: (kind: Failure['kind']) => T): Record<Failure['kind'], T> =>
  Object.fromEntries(KINDS.map((kind) => [kind, make(kind)])) as Record<Failure['kind'], T>;

/** `failed(parse, TypeError)`: for people. */
export function failureText(failure: Failure): string {
  if (failure.kind === 'rejected') return `rejected(${failure.component}, ${failure.reason})`;
  if (failure.kind === 'failed') return `failed(${failure.component}, ${failure.code})`;
  if ('component' in failure && failure.component !== undefined)
    return `${failure.kind}(${failure.component})`;
  return failure.kind;
}
