/** The process of one worker: its coordinator starts it and talks to it. @module */
import { writeSync } from 'node:fs';
import type { HereMessage, StartMessage, ToWorker } from '../coordinator/protocol.js';
import { loadBuilt } from '../artefact/load-built.js';
import { openLog, type LogOptions } from '../log.js';
import { replaying } from '../replay/letter-spout.js';
import { atWorkPath } from './at-work.js';
import { faultText } from './fault.js';
import { WorkerHost } from './host.js';
import { leaveLastWords } from './last-words.js';
import { openLink } from './link.js';
import { reportOutOfMemory } from './out-of-memory.js';
import { watch } from './watchdog.js';

const log = await openLog(
  JSON.parse(process.argv[2]!) as LogOptions,
  (line) => void writeSync(2, `${line}\n`),
);
let host: WorkerHost | null = null;
/** Messages that came while the topology was being opened. */
const early: ToWorker[] = [];

/** What it was told to begin with, as soon as it was. */
let opening: WorkerHost | null = null;

/** While its topology is loaded. */
const NOWHERE: HereMessage = {
  type: 'here',
  path: null,
  linked: false,
  going: false,
  quiet: false,
  stopped: false,
  closing: false,
  moving: false,
  stalled: null,
};

const send = openLink(process.argv[3], {
  message(message) {
    if (message.type === 'start') void start(message);
    else if (message.type === 'receive') throw new Error('A worker receives nothing.');
    else if (host === null) early.push(message);
    else host.receive(message);
  },
  // Without its coordinator such a worker must not go on: another run may take over its state.
  gone: () => process.exit(1),
  here: () => opening?.here() ?? NOWHERE,
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

// Ctrl-C reaches the whole process group; the coordinator decides what it means.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

async function start(message: StartMessage): Promise<void> {
  try {
    const { topology, parameters, hash } = message;
    const built = replaying(await loadBuilt(topology.module, parameters, hash), topology.letters);
    const made = new WorkerHost(built, message, send);
    opening = made;
    const { stateDir, worker, options } = message;
    const path = atWorkPath(stateDir, worker);
    leaveLastWords(path, () => made.atWork());
    reportOutOfMemory(message);
    await made.open();
    watch(path, options.messageTimeoutMs, () => ({
      visits: made.visits,
      atWork: made.atWork(),
    }));
    host = made;
    for (const each of early) host.receive(each);
  } catch (error) {
    send({ type: 'fatal', message: error instanceof Error ? error.message : String(error) });
  }
}
