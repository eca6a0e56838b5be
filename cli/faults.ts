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
