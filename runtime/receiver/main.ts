/** The process that receives for one spout: its coordinator starts it and talks to it. @module */
import { writeSync } from 'node:fs';
import { loadBuilt } from '../artefact/load-built.js';
import type { ReceiveMessage } from '../coordinator/protocol.js';
import { openLog, type LogOptions } from '../log.js';
import { faultText } from '../worker/fault.js';
import { openLink } from '../worker/link.js';
import { ReceiverHost } from './host.js';

const log = await openLog(
  JSON.parse(process.argv[2]!) as LogOptions,
  (line) => void writeSync(2, `${line}\n`),
);
let host: Promise<ReceiverHost | undefined> = Promise.resolve(undefined);

const send = openLink(process.argv[3], {
  message(message) {
    if (message.type === 'receive') host = start(message);
    else if (message.type === 'stop') void host.then((opened) => opened?.stop());
  },
  // Without its coordinator nobody counts what is lost. What came in is kept; the next run ends a process that hangs here.
  gone: () => void host.then((opened) => opened?.stop()).finally(() => process.exit(1)),
});

// An error's message may quote a row; Node would print it.
process.on('uncaughtException', (error) => {
  log.error(`an error that nobody caught ended a receiver: ${faultText(error)}`);
  process.exit(1);
});

// Ctrl-C reaches the whole process group; the coordinator decides what it means.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

async function start(message: ReceiveMessage): Promise<ReceiverHost | undefined> {
  try {
    const { topology, parameters, hash } = message;
    const opened = new ReceiverHost(
      await loadBuilt(topology.module, parameters, hash),
      message,
      send,
    );
    await opened.open();
    return opened;
  } catch (error) {
    send({ type: 'fatal', message: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}
