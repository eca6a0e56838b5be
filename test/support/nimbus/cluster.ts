/** A real cluster for one test: `squall cluster start` in a place of its own, and its end. */
import type { Place, Running } from '../cli.js';

/** Ended in order: killed, it would leave its workers behind. */
export async function withCluster(
  here: Place,
  use: (started: Running) => Promise<void>,
): Promise<void> {
  const started = here.start(['cluster', 'start', '--port', '0']);
  try {
    await started.until(() => /page: http/.test(started.stderr()));
    await started.until(() => started.stderr().includes('the supervisor is there'));
    await use(started);
  } finally {
    started.signal('SIGTERM');
    await started.ended;
  }
}
