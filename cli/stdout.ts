/** Who may write on standard output, and until when. @module */

/** As they are before anyone replaces them. */
const WRITES = [process.stdout, process.stderr].map((stream) => stream.write.bind(stream));

/** Resolves when all that was printed is out: a pipe takes 64 KiB, and the rest when its reader has read. */
export async function printed(): Promise<void> {
  await Promise.all(WRITES.map((write) => new Promise((done) => write('', done))));
}

/**
 * Keeps standard output for the result of the command: what anyone else in this process prints there, such
 * as a topology while it is loaded, goes to standard error from now on.
 *
 * @param alone whether to; otherwise everyone goes on as before
 * @returns what prints the result
 */
export function stdoutForResult(alone: boolean): (text: string) => void {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  if (alone) stdout.write = stderr.write.bind(stderr);
  return (text) => void write(text);
}
