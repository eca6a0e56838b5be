/** Runs the built `squall` as its users do: real processes, in folders of their own. @module */
import { afterEach } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Summary } from '../../cli/summary.js';

export interface Ended {
  /** `null` when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  stdout(): string;
  stderr(): string;
  /** To the command alone. */
  signal(name: NodeJS.Signals): void;
  /** To the command and its workers, as Ctrl-C on a terminal. */
  interrupt(): void;
  /** Kill -9 for the command and its workers, where they still run. */
  kill(): void;
  /** @throws Error when it ends, or a minute passes, and the condition does not hold */
  until(condition: () => boolean | Promise<boolean>): Promise<void>;
}

export interface CliOptions {
  /** Given on standard input; without it, that is empty. */
  readonly input?: string | Uint8Array;
  /** Runs as this user. */
  readonly uid?: number;
}

/** A folder, its commands, and what they leave in it. */
export interface Place {
  readonly dir: string;
  path(name: string): string;
  /** Writes a file and returns its path. */
  write(name: string, content: string | Uint8Array): string;
  /** Starts `squall` here: without other options, its state is in `.squall` and what it writes in `out`. */
  start(args: readonly string[], options?: CliOptions): Running;
  squall(args: readonly string[], options?: CliOptions): Promise<Ended>;
  /** The same with `--json`. @throws Error when stdout is not one JSON object on one line */
  json(
    args: readonly string[],
    options?: CliOptions,
  ): Promise<Ended & { readonly summary: Summary }>;
}

/** The built command. */
export const MAIN = resolve('dist/cli/main.js');
const PATIENCE_MS = 60_000;
/** The user that owns nothing, on every Linux. */
const NOBODY = 65_534;

/** Test files that start processes need more than jest's five seconds, above all on a busy machine. */
export const TEST_TIMEOUT_MS = 2 * PATIENCE_MS;

const places: { dir: string; started: Running[] }[] = [];

afterEach(async () => {
  for (const { dir, started } of places.splice(0)) {
    for (const running of started) running.kill();
    await Promise.all(started.map(({ ended }) => ended));
    rmSync(dir, { recursive: true, force: true });
  }
});

/** A new place, which is gone after the test, as is whatever runs in it. */
export function place(): Place {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is not there: run "npm run build" first.`);
  const dir = mkdtempSync(join(tmpdir(), 'squall-e2e-'));
  // For those who run as another user.
  chmodSync(dir, 0o777);
  const started: Running[] = [];
  places.push({ dir, started });
  const here: Place = {
    dir,
    path: (name) => join(dir, name),
    write(name, content) {
      writeFileSync(join(dir, name), content);
      return join(dir, name);
    },
    start(args, options = {}) {
      const running = startIn(dir, args, options);
      started.push(running);
      return running;
    },
    squall: (args, options) => here.start(args, options).ended,
    async json(args, options) {
      const ended = await here.squall([...args, '--json'], options);
      return { ...ended, summary: summaryIn(ended) };
    },
  };
  return here;
}

/**
 * Options that make a user of the command who may read less than root; none where this is such a user.
 * Undefined, with one line on stderr, when that user cannot run the command.
 */
export function lesserUser(): CliOptions | undefined {
  if (process.getuid?.() !== 0) return {};
  const args = ['-e', `fs.accessSync(${JSON.stringify(MAIN)})`];
  const { status } = spawnSync(process.execPath, args, { uid: NOBODY, gid: NOBODY });
  if (status === 0) return { uid: NOBODY };
  process.stderr.write(`skipped: user ${NOBODY} cannot read ${MAIN}\n`);
  return undefined;
}

/** `condition` holds, sooner or later. @throws Error when it does not within a minute */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`After a minute, not: ${condition}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** Does something with each, four at a time: starting a process is mostly waiting when others work, too. */
export async function fewAtATime<T, R>(
  all: readonly T[],
  each: (one: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const left = all.entries();
  const work = async (): Promise<void> => {
    for (const [i, one] of left) results[i] = await each(one);
  };
  await Promise.all([work(), work(), work(), work()]);
  return results;
}

export function summaryIn({ stdout, stderr }: Ended): Summary {
  if (!/^\{.*\}\n$/.test(stdout)) throw new Error(`No summary on stdout: ${stdout}\n${stderr}`);
  return JSON.parse(stdout) as Summary;
}

function startIn(dir: string, args: readonly string[], { input, uid }: CliOptions): Running {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: dir,
    // Its temporary files are here, too.
    env: { ...process.env, TMPDIR: dir, NO_COLOR: '1', NODE_OPTIONS: '' },
    detached: true,
    ...(uid !== undefined && { uid, gid: uid }),
  });
  const pid = child.pid!;
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // It may end before it has read its input.
  child.stdin.on('error', () => {}).end(input);
  let over = false;
  const ended = once(child, 'close').then(([code]: (number | null)[]) => {
    over = true;
    return { code: code!, stdout, stderr };
  });
  // Its workers share its process group, and hold its output open: when that is closed, all have ended.
  const toAll = (name: NodeJS.Signals): void => void (over || process.kill(-pid, name));
  return {
    pid,
    ended,
    stdout: () => stdout,
    stderr: () => stderr,
    signal: (name) => void child.kill(name),
    interrupt: () => toAll('SIGINT'),
    kill: () => toAll('SIGKILL'),
    until: (condition) =>
      eventually(async () => {
        if (await condition()) return true;
        if (over) throw new Error(`It ended before: ${condition}\n${stdout}\n${stderr}`);
        return false;
      }),
  };
}
