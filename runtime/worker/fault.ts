/** What a component threw, as a failure that holds no value of a row. @module */
import { types } from 'node:util';
import { Rejected } from '../../topology/dsl/reject.js';
import { RowError } from '../../topology/rows/row-error.js';
import { failureText, type Failure } from '../ledger/failure.js';

/** A message of a bolt's own was not done: whatever waited for it fails in the same way. */
export class Undone extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failureText(failure));
    this.failure = failure;
  }
}

export function failureOf(component: string, error: unknown): Failure {
  if (error instanceof Undone) return error.failure;
  if (error instanceof Rejected) return { kind: 'rejected', component, reason: error.message };
  return { kind: 'failed', component, code: codeOf(error) };
}

/** For the operator: the error's name and place, without its message, unless it is one of ours, which never quote. */
export function faultText(error: unknown): string {
  if (!isError(error)) return 'threw something that is no Error';
  const what = error instanceof RowError ? `RowError: ${error.message}` : `threw ${codeOf(error)}`;
  // The message stands in the stack, too, and may look like a part of it.
  const frames = error.stack?.replace(error.message, '').split('\n') ?? [];
  const place = frames.find((line) => /^\s+at /.test(line) && !OURS.test(line));
  return place === undefined ? what : `${what} ${place.trim()}`;
}

/** Frames that do not say where a component went wrong. */
const OURS = /\/runtime\/|\/topology\/rows\/|squall-generated|<anonymous>|node:/;

/** The code or the name of the error; its message may quote what it failed on. */
function codeOf(error: unknown): string {
  if (!isError(error)) return 'threw-no-error';
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code)) return code;
  return /^[A-Za-z][\w.]{0,60}$/.test(error.name) ? error.name : 'Error';
}

/** Also one of another realm, as tests run in a realm of their own. */
const isError = (error: unknown): error is Error =>
  error instanceof Error || types.isNativeError(error);
