/** Telling promises from values. @module */

/** Whether user code returned a promise: of any realm and library, as tests run in a realm of their own. */
export const isPromise = <T>(value: T | PromiseLike<T>): value is PromiseLike<T> =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as { then?: unknown }).then === 'function';
