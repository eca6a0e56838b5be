/** Errors that nobody caught while rows are worked on in this process. @module */
import { faultText } from '../runtime/worker/fault.js';
import { EXIT } from './exit-codes.js';

/** Has them end the process without their message, which may quote what they failed on. */
export function hushFaults(): void {
  process.on('uncaughtException', (error) => {
    process.stderr.write(`an error that nobody caught ended the run: ${faultText(error)}\n`);
    process.exit(EXIT.failed);
  });
}
