/** The spout of a live log: a process beside the workers reads and journals it, and one task reads the journal. @module */
import { LineBatch } from '../../topology/dsl/line-batch.js';
import type { JournalWriter, ReceiverContext } from '../../topology/dsl/receiver.js';
import { spout, type Spout } from '../../topology/dsl/spout.js';
import type { Schema } from '../../topology/rows/schema.js';
import { tryOut, waiting, type Command } from './command.js';
import { JournalTask, type Rows } from './journal-task.js';
import {
  checkMaxAgeMs,
  checkMaxBytes,
  checkTasks,
  checkVslReclen,
  type LiveOptions,
} from './options.js';
import { VarnishReceiver } from './receiver.js';
import type { Recorder } from './recorder.js';
import { askVslReclen, cutNotice, textBytes, VSL_RECLEN_DEFAULT } from './record-length.js';

/** In what the modes differ. */
export interface Live<T extends object> {
  readonly command: Command;
  readonly recording: (recordBytesMax: number) => Recorder;
  readonly emits: Schema<T>;
  readonly rowsOf: (lines: LineBatch) => Rows<T>;
}

/** @throws RangeError when an option is out of range */
export function liveSpout<T extends object>(
  options: LiveOptions,
  { command, recording, emits, rowsOf }: Live<T>,
): Spout<T> {
  const { journal = {}, vslReclen } = options;
  const { maxBytes = 1024 ** 3, maxAgeMs = DAY_MS } = journal;
  checkMaxAgeMs(maxAgeMs);
  checkMaxBytes(maxBytes);
  checkVslReclen(vslReclen ?? VSL_RECLEN_DEFAULT);
  return spout<T>({
    kind: 'varnish',
    emits,
    parameters: { ...options, journal: { maxBytes, maxAgeMs } },
    tasks: 1,
    async assign(tasks) {
      checkTasks(tasks);
      await tryOut(command);
      return [null];
    },
    receive: async (context) =>
      receive(context, options, await context.journal({ maxBytes }), waiting(command), recording),
    open: async (context) => new JournalTask(await context.journal({ maxAgeMs }), rowsOf),
    revive: (message) => rowsOf(LineBatch.revive(message)),
  });
}

async function receive(
  context: ReceiverContext,
  { name, vslReclen }: LiveOptions,
  journal: JournalWriter,
  command: Command,
  recording: Live<object>['recording'],
): Promise<VarnishReceiver> {
  const asked = vslReclen ?? (await askVslReclen(name));
  context.warn(cutNotice(asked));
  const recorder = recording(textBytes(asked ?? VSL_RECLEN_DEFAULT));
  return new VarnishReceiver(context, journal, command, recorder, async () => {
    const now = vslReclen ?? (await askVslReclen(name));
    if (now !== undefined) recorder.recordBytesMax = textBytes(now);
  });
}

const DAY_MS = 24 * 3600 * 1000;
