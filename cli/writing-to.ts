/** Says which folder cannot be written. @module */
import { resolve } from 'node:path';
import { CommandError } from './exit-codes.js';

/**
 * Does what reads and writes a folder of Squall's own.
 *
 * @throws CommandError that names the folder, when the system refuses
 */
export async function writingTo<T>(folder: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const code = refusalIn(folder, error);
    if (code === undefined) throw error;
    throw new CommandError(
      `The folder ${folder} cannot be written (${code}). Mend that, or give another one with --state.`,
    );
  }
}

/** The code of a system call that failed in `folder`; writes to an open file do not say where. */
function refusalIn(folder: string, error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, syscall, path = folder }: NodeJS.ErrnoException = error;
  return syscall !== undefined && resolve(path).startsWith(resolve(folder)) ? code : undefined;
}
