/** Drives tasks of the file spout by hand, and says what they should have read. */
import { OwnMetrics } from '../../../runtime/metrics/own-metrics.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import type { LineBatch } from '../../../topology/dsl/line-batch.js';
import type { Positions, SpoutContext } from '../../../topology/dsl/spout.js';

export interface Message {
  readonly partition: string;
  readonly offset: number;
  readonly position: number;
  readonly file: string;
  readonly raw: string;
  readonly rejected: string | undefined;
}

export interface Task {
  poll(): LineBatch | 'idle' | 'done';
  release(batch: LineBatch): void;
  close(): void;
}

/** The messages of a batch; bytes as latin1, so that a difference is readable. */
export const messagesOf = (batch: LineBatch): Message[] =>
  Array.from({ length: batch.count }, (_, i) => ({
    partition: batch.partition,
    position: batch.positionAfter(i),
    ...batch.origin(i),
    raw: Buffer.from(batch.raw(i)).toString('latin1'),
    rejected: batch.rejected(i),
  }));

/** Everything up to the end, waiting while the task is idle. */
export async function readAll(task: Task): Promise<Message[]> {
  const messages: Message[] = [];
  for (;;) {
    const batch = task.poll();
    if (batch === 'done') return messages;
    if (batch === 'idle') await setImmediate();
    else {
      messages.push(...messagesOf(batch));
      task.release(batch);
    }
  }
}

/** Everything that is there now. */
export function readNow(task: Task): Message[] {
  const messages: Message[] = [];
  for (let batch = task.poll(); typeof batch !== 'string'; batch = task.poll()) {
    messages.push(...messagesOf(batch));
    task.release(batch);
  }
  return messages;
}

export interface FakeContext extends SpoutContext {
  clock: number;
  woken: number;
  readonly warnings: string[];
  readonly own: OwnMetrics;
}

export function contextFor(
  assignment: unknown,
  { task = 0, tasks = 1, committed = new Map<string, number>() as Positions } = {},
): FakeContext {
  const own = new OwnMetrics();
  const context: FakeContext = {
    own,
    topology: 't',
    component: 'file',
    worker: 0,
    task,
    tasks,
    stateDir: '/nonexistent',
    // As it comes over a pipe.
    assignment: JSON.parse(JSON.stringify(assignment)),
    committed,
    clock: 0,
    woken: 0,
    warnings: [],
    now: () => context.clock,
    wake: () => void context.woken++,
    journal: () => Promise.reject(new Error('files need no journal')),
    revoke: async () => {},
    warn: (message) => void context.warnings.push(message),
    ...own.of('file'),
  };
  return context;
}

/** The lines of `content`, found in the plainest way. */
export function linesOf(
  content: Buffer,
  maxLineBytes: number,
): Pick<Message, 'offset' | 'raw' | 'rejected'>[] {
  const lines = content.toString('latin1').split('\n');
  if (lines.at(-1) === '') lines.pop();
  let next = 0;
  return lines.map((line) => {
    const offset = next;
    next += line.length + 1;
    const raw = line.replace(/\r$/, '');
    if (raw.length <= maxLineBytes) return { offset, raw, rejected: undefined };
    return {
      offset,
      raw: raw.slice(0, maxLineBytes),
      rejected: `line too long (over ${maxLineBytes} bytes)`,
    };
  });
}

export const lineOf = ({
  offset,
  raw,
  rejected,
}: Message): Pick<Message, 'offset' | 'raw' | 'rejected'> => ({ offset, raw, rejected });

/** Bytes with many line ends, NUL and invalid UTF-8. */
export const contents = (maxLength = 200): fc.Arbitrary<Buffer> =>
  fc
    .array(fc.constantFrom(10, 10, 13, 0, 97, 98, 255), { maxLength })
    .map((bytes) => Buffer.from(bytes));

/** A folder for the test, removed behind it. */
export async function inFolder<T>(use: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'squall-file-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
