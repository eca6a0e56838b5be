/** `squall run` of the built CLI, in a process group of its own, to be watched and killed. @module */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from '@jest/globals';
import type { Summary } from '../../../cli/summary.js';
import { workersOf } from './processes.js';

const CLI = resolve('dist/cli/main.js');

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What `--json` printed; undefined when it was killed before. */
  readonly summary: Summary | undefined;
  readonly stderr: string;
}

export class CliRun {
  readonly #child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Until it has ended. */
  #alive = true;
  #stderr = '';

  /** @param folder where it runs; its state is in `state` there */
  constructor(folder: string, topology: string, args: readonly string[]) {
    if (!existsSync(CLI)) throw new Error(`${CLI} is not there. Build first: npm run build`);
    const all = ['run', topology, ...args, '--state', join(folder, 'state'), '--json'];
    this.#child = spawn(process.execPath, [CLI, ...all], {
      cwd: folder,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(this);
    this.ended = this.#watch();
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** What it has said so far. */
  get stderr(): string {
    return this.#stderr;
  }

  /** The pids of its live workers, the oldest first. */
  workers(): number[] {
    return workersOf(this.pid);
  }

  /** To the coordinator alone. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** To coordinator and workers alike, as a terminal does it. */
  signalAll(signal: NodeJS.Signals): void {
    if (this.#alive) process.kill(-this.pid, signal);
  }

  /** Waits until `condition` gives something. @throws Error when the run ends before that */
  async until<T>(what: string, condition: () => T | undefined | false): Promise<T> {
    for (;;) {
      const found = condition();
      if (found !== undefined && found !== false) return found;
      if (!this.#alive) throw new Error(`The run ended before ${what}.\n${this.#stderr}`);
      await turn();
    }
  }

  async #watch(): Promise<Ended> {
    let stdout = '';
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    const printed = once(this.#child.stdout!, 'end');
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((done) =>
      this.#child.on('exit', (...how) => done(how)),
    );
    this.#alive = false;
    // Workers that outlive it hold stderr open, so it is not 'close' that is waited for.
    await printed;
    const summary = stdout === '' ? undefined : (JSON.parse(stdout) as Summary);
    return { code, signal, summary, stderr: this.#stderr };
  }
}

const running = new Set<CliRun>();

/** For `afterEach`: a test that failed must not leave processes behind. */
export function killRuns(): void {
  for (const run of running) {
    try {
      process.kill(-run.pid, 'SIGKILL');
    } catch {
      // All of the group have gone.
    }
  }
  running.clear();
}

/** Expects a run that ended by itself with `code`; shows what it said if not. */
export function expectExit({ code, signal, stderr, summary }: Ended, expected: number): Summary {
  expect({ code, signal, ...(code !== expected && { stderr }) }).toEqual({
    code: expected,
    signal: null,
  });
  return summary!;
}

const POLL_MS = 5;
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, POLL_MS));
