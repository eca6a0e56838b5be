/**
 * The last lines of log files, and what is added to them. Lines are objects as pino writes them, or whatever a
 * topology's own code printed. What is read at a time is bounded, however large the files are.
 *
 * @module
 */
import { open, type FileHandle } from 'node:fs/promises';
import { setTimeout as after } from 'node:timers/promises';
import { whenMissing } from '../../state/system-error.js';

/** Shared out among the files. */
const TAIL_BYTES_MAX = 8 * 1024 * 1024;
const PART_BYTES = 64 * 1024;
/** How soon a new line is seen. */
const LOOK_PERIOD_MS = 250;
const NEWLINE = 0x0a;

export interface Wanted {
  /** Of this component only. */
  readonly component?: string | undefined;
  /** So many of what is there, the newest. */
  readonly lines: number;
  /** Whether to go on with what is added. */
  readonly follow: boolean;
}

/**
 * Text of whole lines, in parts; the tail by time, over all files.
 *
 * @param files the files there are now, oldest first; asked again while they are followed
 */
export async function* logLines(
  files: () => Promise<readonly string[]>,
  wanted: Wanted,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  const followed = new Map<string, Followed>();
  const tail: Line[] = [];
  const paths = await files();
  const bytesMax = Math.ceil(TAIL_BYTES_MAX / paths.length);
  for (const path of paths) {
    const lines = await looking(path, followed, (file, handle) => file.tail(handle, bytesMax));
    tail.push(...timed(lines.filter(matching(wanted))).slice(-wanted.lines));
  }
  // Stable: lines of one time stay as they are.
  const newest = tail.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  yield textOf(wanted.lines === 0 ? [] : newest.slice(-wanted.lines).map(({ text }) => text));
  while (wanted.follow && !signal.aborted) {
    let found = false;
    for (const path of await files()) {
      const lines = await looking(path, followed, (file, handle) => file.next(handle));
      if (lines.length > 0) yield textOf(lines.filter(matching(wanted)));
      found ||= lines.length > 0;
    }
    if (!found) await after(LOOK_PERIOD_MS, undefined, { signal }).catch(() => {});
  }
}

/** Files are known by what they are, and not by their names: a long one is renamed. */
async function looking(
  path: string,
  followed: Map<string, Followed>,
  look: (file: Followed, handle: FileHandle) => Promise<string[]>,
): Promise<string[]> {
  const handle = await open(path, 'r').catch(whenMissing(undefined));
  if (handle === undefined) return [];
  try {
    const { dev, ino } = await handle.stat();
    const id = `${dev} ${ino}`;
    const file = followed.get(id) ?? new Followed();
    followed.set(id, file);
    return await look(file, handle);
  } finally {
    await handle.close();
  }
}

interface Line {
  readonly text: string;
  readonly time: string;
}

/** What is no object, as a stack, has the time of the line before it. */
function timed(lines: readonly string[]): Line[] {
  let time = '';
  return lines.map((text) => {
    time = /^\{.*?"time":"([^"]*)"/.exec(text)?.[1] ?? time;
    return { text, time };
  });
}

function matching({ component }: Wanted): (line: string) => boolean {
  if (component === undefined) return () => true;
  const member = `"component":${JSON.stringify(component)}`;
  return (line) =>
    line.startsWith('{') ? line.includes(member) : line.startsWith(`${component}: `);
}

const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

/** How far a file was read. */
class Followed {
  #at = 0;
  /** The beginning of a line whose end is not there yet. */
  #begun = Buffer.alloc(0);

  /** The whole lines in the last bytes of the file. */
  async tail(handle: FileHandle, bytesMax: number): Promise<string[]> {
    const { size } = await handle.stat();
    const from = Math.max(0, size - bytesMax);
    // A byte more: whether a line begins there.
    this.#at = Math.max(0, from - 1);
    const lines: string[] = [];
    for (let before = -1; this.#at < size && this.#at > before;) {
      before = this.#at;
      lines.push(...(await this.next(handle)));
    }
    return from > 0 ? lines.slice(1) : lines;
  }

  /** The whole lines of the next part. A line longer than that comes in several. */
  async next(handle: FileHandle): Promise<string[]> {
    const { size } = await handle.stat();
    // It was begun anew.
    if (size < this.#at) this.#restart();
    if (size === this.#at) return [];
    const part = Buffer.alloc(PART_BYTES);
    const { bytesRead } = await handle.read(part, 0, PART_BYTES, this.#at);
    this.#at += bytesRead;
    return this.#lines(part.subarray(0, bytesRead));
  }

  #restart(): void {
    this.#at = 0;
    this.#begun = Buffer.alloc(0);
  }

  #lines(part: Buffer): string[] {
    const all = Buffer.concat([this.#begun, part]);
    const whole = all.lastIndexOf(NEWLINE) + 1;
    const end = whole === 0 && all.length > PART_BYTES ? all.length : whole;
    this.#begun = Buffer.from(all.subarray(end));
    if (end === 0) return [];
    return all.toString('utf8', 0, whole === 0 ? end : end - 1).split('\n');
  }
}
