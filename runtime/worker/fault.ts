/** What a component threw, as a failure that holds no value of a row. @module */
import { Rejected } from '../../topology/dsl/reject.js';
import { RowError } from '../../topology/rows/row-error.js';
import type { Failure } from '../ledger/failure.js';

export function failureOf(component: string, error: unknown): Failure {
  if (error instanceof Rejected) return { kind: 'rejected', component, reason: error.message };
  return { kind: 'failed', component, code: codeOf(error) };
}

/** The name of the error; its message may quote what it failed on. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'threw-no-error';
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code) ? code : error.name;
}

/** For the operator: the error's name and place, without its message, unless it is one of ours, which never quote. */
export function faultText(error: unknown): string {
  if (!(error instanceof Error)) return 'threw something that is no Error';
  const what = error instanceof RowError ? `RowError: ${error.message}` : `threw ${codeOf(error)}`;
  const place = error.stack?.split('\n').find((line) => /^\s+at /.test(line) && !line.includes('/runtime/'));
  return place === undefined ? what : `${what} ${place.trim()}`;
}
