/** A row was used or emitted in a way its schema or its lifetime forbids. Never quotes a value. */
export class RowError extends Error {
  override readonly name = 'RowError';
}
