/** A topology that ends the process in which it is looked at. @module */
import { writeSync } from 'node:fs';
import { EXIT } from './exit-codes.js';

/**
 * Until it is called off, an end of this process is a fault of the topology, and told so: process.exit(0)
 * must not look as if something had run.
 *
 * @param doing what is done with the topology meanwhile
 * @returns calls it off
 */
export function refuseExit(doing: string): () => void {
  const refuse = (): void => {
    writeSync(
      2,
      `The topology ended this process while it was ${doing}: process.exit was called, or nobody caught an error. Take that out of the file, or throw an error that says what is wrong.\n`,
    );
    process.exitCode = EXIT.usage;
  };
  process.on('exit', refuse);
  return () => void process.off('exit', refuse);
}
