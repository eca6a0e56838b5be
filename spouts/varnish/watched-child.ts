/**
 * A program whose output is read for good: when it ends it is started again, after 100 ms and then after twice as
 * long each time, at most 5 s.
 *
 * @module
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Command } from './command.js';

export interface Watching {
  /** What it writes to standard output. */
  data(bytes: Buffer): void;
  /** A line of its standard error. */
  said(line: string): void;
  /** It ended, all that it wrote was handed over, and it is started again. */
  ended(how: string): void;
}

export class WatchedChild {
  readonly #command: Command;
  readonly #watching: Watching;
  #child: ChildProcess | null = null;
  #timer: NodeJS.Timeout | undefined;
  #delayMs = DELAY_MS;
  #paused = false;
  #stopped = false;

  constructor(command: Command, watching: Watching) {
    this.#command = command;
    this.#watching = watching;
    this.#start();
  }

  /** Undefined while there is none. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Reads no more for now: the pipe fills, and then the program waits. */
  pause(): void {
    // What it had written is still handed over.
    if (this.#stopped) return;
    this.#paused = true;
    this.#child?.stdout?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#child?.stdout?.resume();
  }

  /** Ends it; resolves when all that it wrote was handed over. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === null) return;
    const closed = once(child, 'close');
    child.kill();
    this.resume();
    // One that was stopped (SIGSTOP) does not hear SIGTERM.
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await closed;
    clearTimeout(timer);
  }

  #start(): void {
    const { program, args, env } = this.#command;
    const startedMs = performance.now();
    // In a process group of its own: Ctrl-C is for us, and what was logged before it is still to be read.
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env, detached: true });
    let last = '';
    this.#child = child;
    child.stdout.on('data', (bytes: Buffer) => this.#watching.data(bytes));
    if (this.#paused) child.stdout.pause();
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (line.trim() !== '') last = line.trim();
      this.#watching.said(line);
    });
    child.on('error', ({ message }) => (last = message));
    child.on('close', (code, signal) => {
      this.#child = null;
      if (this.#stopped) return;
      if (performance.now() - startedMs > STEADY_MS) this.#delayMs = DELAY_MS;
      this.#watching.ended(`${code === null ? signal : `exit ${code}`}${last && `: ${last}`}`);
      this.#timer = setTimeout(() => this.#start(), this.#delayMs);
      this.#delayMs = Math.min(2 * this.#delayMs, DELAY_MS_MAX);
    });
  }
}

const STOP_MS = 2000;
const DELAY_MS = 100;
const DELAY_MS_MAX = 5000;
/** A program that ran as long as this had started well. */
const STEADY_MS = 10_000;
