/**
 * A process that ends itself says at that very moment what it was at: process.exit, process.abort and
 * process.kill of its own pid are called by code that runs, so this costs nothing until then.
 *
 * @module
 */
import { writeAtWork, type AtWork } from './at-work.js';

/** Called once, in the process of a worker. */
export function leaveLastWords(path: string, atWork: () => AtWork): void {
  const leave = (): void => writeAtWork(path, { ...atWork(), end: 'own' });
  process.on('exit', leave);
  const { abort, kill } = process;
  process.abort = () => {
    leave();
    return abort.call(process);
  };
  process.kill = (pid, signal) => {
    const own = (pid === process.pid || pid === 0 || pid === -process.pid) && signal !== 0;
    if (own) leave();
    const sent = kill.call(process, pid, signal);
    // A signal that does not end it.
    if (own) writeAtWork(path, {});
    return sent;
  };
}
