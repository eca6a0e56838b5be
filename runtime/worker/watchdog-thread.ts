/** The thread that watches a worker: see `watchdog.ts`. @module */
import { Session, type Runtime } from 'node:inspector';
import { workerData } from 'node:worker_threads';
import { readAtWork, writeAtWork } from './at-work.js';
import { Standstill } from './standstill.js';
import { ASKED, type Answer, type Watched } from './watchdog.js';

const { beats, periodMs, path } = workerData as Watched;
const standstill = new Standstill();
let beatsBefore = -1;
let answer: Answer | null = null;
let session: Session | null = null;

setInterval(() => {
  const now = Atomics.load(beats, 0);
  if (standstill.look(now, answer?.visits)) end();
  else if (now === beatsBefore) ask();
  beatsBefore = now;
}, periodMs);

/** Answered at once, unless it is blocked in native code: then nobody knows what it is at. */
function ask(): void {
  if (session === null) {
    session = new Session();
    session.connectToMainThread();
  }
  answer = null;
  const expression = `globalThis[Symbol.for(${JSON.stringify(ASKED)})]()`;
  session.post('Runtime.evaluate', { expression, returnByValue: true }, answered);
}

function answered(_error: Error | null, reply?: Runtime.EvaluateReturnType): void {
  const value: unknown = reply?.result.value;
  if (typeof value === 'string') answer = JSON.parse(value) as Answer;
}

function end(): void {
  // A later life has noted it.
  writeAtWork(path, { ...(answer?.atWork ?? readAtWork(path)), end: 'blocked' });
  process.kill(process.pid, 'SIGKILL');
}
