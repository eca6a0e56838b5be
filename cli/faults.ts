/** Errors that nobody caught while rows are worked on in this process. @module */
import type { Log } from '../runtime/log.js';
import { faultText } from '../runtime/worker/fault.js';
import { EXIT } from './exit-codes.js';

/** Has them end the process without their message, which may quote what they failed on. */
export function hushFaults(log: Log): void {
  process.on('uncaughtException', (error) => {
    log.error(`an error that nobody caught ended the run: ${faultText(error)}`);
    process.exit(EXIT.failed);
  });
}

/**
 * Until it is called off, an end of this process is a fault of the topology that runs in it, and told so:
 * process.exit(0) in a bolt must not look as if the run had completed.
 *
 * @returns calls it off
 */
export function refuseEnd(log: Log): () => void {
  const refuse = (): void => {
    process.exitCode = EXIT.failed;
    log.error(
      'the run has not completed: its topology ended this process. What it had not finished stays uncommitted: run again with the same --state once that is mended.',
    );
  };
  process.on('exit', refuse);
  return () => void process.off('exit', refuse);
}
