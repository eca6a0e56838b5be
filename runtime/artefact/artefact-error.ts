/**
 * What the user named cannot be made into a topology: stop, say so, exit 2.
 *
 * @module
 */

export type ArtefactErrorCode =
  | 'file-missing'
  | 'file-kind'
  | 'compile-failed'
  | 'types-unchecked'
  | 'load-failed'
  | 'no-topology';

export class ArtefactError extends Error {
  override readonly name = 'ArtefactError';
  readonly code: ArtefactErrorCode;

  constructor(code: ArtefactErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
