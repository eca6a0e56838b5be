/** What the process says when it ends. @module */
export const EXIT = {
  /** Everything is stored. */
  done: 0,
  failed: 1,
  /** Usage, configuration or topology: nothing was started. */
  usage: 2,
  /** Done, but some messages became dead letters. */
  partial: 3,
  /** Of what asks a cluster: nobody answers. */
  unreachable: 4,
} as const;

/** Ends the command with a message for the user and no stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.usage) {
    super(message);
    this.exitCode = exitCode;
  }
}
