/** The process of one worker: the coordinator forks it and talks to it over IPC. @module */
import { writeSync } from 'node:fs';
import type { FromWorker, StartMessage, ToWorker } from '../coordinator/protocol.js';
import { loadBuilt } from '../artefact/load-built.js';
import { openLog, type LogOptions } from '../log.js';
import { replaying } from '../replay/letter-spout.js';
import { atWorkPath } from './at-work.js';
import { faultText } from './fault.js';
import { WorkerHost } from './host.js';
import { leaveLastWords } from './last-words.js';
import { reportOutOfMemory } from './out-of-memory.js';
import { watch } from './watchdog.js';

const log = await openLog(
  JSON.parse(process.argv[2]!) as LogOptions,
  (line) => void writeSync(2, `${line}\n`),
);
let host: WorkerHost | null = null;
/** Messages that came while the topology was being opened. */
const early: ToWorker[] = [];

const send = (message: FromWorker): void => {
  if (process.connected) process.send!(message);
};

process.on('message', (message: ToWorker) => {
  if (message.type === 'start') void start(message);
  else if (host === null) early.push(message);
  else host.receive(message);
});

// An error's message may quote a row; Node would print it.
process.on('uncaughtException', (error) => {
  // What a component throws while it is at work is caught: this is from elsewhere, and the last words say so.
  log.error(`an error that nobody caught ended a worker: ${faultText(error)}`);
  process.exit(1);
});

// Nothing printed from now on would be stored: another try cannot help.
process.stdout.on('error', ({ message }) =>
  send({ type: 'fatal', message: `standard output cannot be written (${message})` }),
);

// Without its coordinator a worker must not go on: another run may take over its state.
process.on('disconnect', () => process.exit(1));
// Ctrl-C reaches the whole process group; the coordinator decides what it means.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

async function start(message: StartMessage): Promise<void> {
  try {
    const { topology, parameters, hash } = message;
    const built = replaying(await loadBuilt(topology.module, parameters, hash), topology.letters);
    const opening = new WorkerHost(built, message, send);
    const { stateDir, worker, options } = message;
    const path = atWorkPath(stateDir, worker);
    leaveLastWords(path, () => opening.atWork());
    reportOutOfMemory(message);
    await opening.open();
    watch(path, options.messageTimeoutMs, () => ({
      visits: opening.visits,
      atWork: opening.atWork(),
    }));
    host = opening;
    for (const each of early) host.receive(each);
  } catch (error) {
    send({ type: 'fatal', message: error instanceof Error ? error.message : String(error) });
  }
}
