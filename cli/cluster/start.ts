/** Runs the two halves of a cluster as processes of their own, and starts each again when it dies. @module */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CommandError, EXIT } from '../exit-codes.js';
import { Client } from '../client.js';
import { sendable, type Sendable } from '../submission-source.js';
import { WORKERS_DEFAULT } from '../commands/run.js';
import type { NimbusOptions } from './roles.js';

const RESTART_DELAY_MS = 100;
const RESTART_DELAY_MS_MAX = 5000;

export interface StartOptions extends NimbusOptions {
  /** A topology to submit. */
  readonly with?: string;
  readonly set?: string[];
}

/** @throws CommandError when one of them cannot begin, and whatever is wrong with the topology before anything does */
export async function startCluster({
  cluster,
  host,
  port,
  with: topology,
  set,
}: StartOptions): Promise<void> {
  const demanded = topology === undefined ? null : await sendable(topology, set);
  const folder = ['--cluster', cluster];
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const nimbus = [...folder, '--host', host, ...(port === undefined ? [] : ['--port', `${port}`])];
  const halves = [new Half('supervisor', folder, say), new Half('nimbus', nimbus, say)];
  const stop = (): void => halves.forEach((half) => half.stop());
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const ends = halves.map((half) => half.over);
  let ended = await Promise.race([...ends, ...halves.map((half) => half.ready)]);
  if (ended === null && demanded !== null) {
    const submitting = submitOnce(cluster, demanded).then(say, (error: unknown) => {
      say(error instanceof Error ? error.message : String(error));
      return EXIT.failed;
    });
    ended = (await submitting) ?? null;
  }
  ended ??= await Promise.race(ends);
  stop();
  await Promise.all(ends);
  if (ended !== EXIT.done) throw new CommandError('The cluster has stopped.', ended);
}

/** Unless there is one of its name. @returns what to say */
async function submitOnce(cluster: string, { name, ...sent }: Sendable): Promise<string> {
  const client = await Client.of({ cluster });
  if ((await client.list()).some((each) => each.name === name))
    return `${name} goes on. See it with: squall show ${name} --cluster ${cluster}`;
  await client.submit({ name, ...sent, workers: WORKERS_DEFAULT });
  return `${name} is submitted. See it with: squall show ${name} --cluster ${cluster}`;
}

/** What nimbus says when it is up; the supervisor says nothing more. */
interface Address {
  readonly url: string;
  readonly token: string;
}

class Half {
  /** Resolves when it is not started again, with its exit code. */
  readonly over: Promise<number>;
  /** Resolves when it has said where it listens; one that does not listen never does. */
  readonly ready: Promise<null>;
  readonly #args: readonly string[];
  readonly #say: (line: string) => void;
  #child: ChildProcess | null = null;
  #stopping = false;
  #timer: NodeJS.Timeout | null = null;
  #delayMs = RESTART_DELAY_MS;
  #end: (code: number) => void = () => {};
  #isReady: (_: null) => void = () => {};

  constructor(role: string, args: readonly string[], say: (line: string) => void) {
    this.#args = [role, ...args];
    this.#say = say;
    this.over = new Promise((resolve) => (this.#end = resolve));
    this.ready = new Promise((resolve) => (this.#isReady = resolve));
    this.#start();
  }

  /** Called again, it passes that on: then it stops at once. */
  stop(): void {
    this.#stopping = true;
    if (this.#timer !== null) {
      clearTimeout(this.#timer);
      this.#end(EXIT.done);
    }
    this.#child?.kill('SIGTERM');
  }

  #start(): void {
    this.#timer = null;
    const main = fileURLToPath(new URL('../main.js', import.meta.url));
    // Its own process group: Ctrl-C comes here, and is passed on once.
    const child = fork(main, this.#args, { detached: true });
    this.#child = child;
    child.on('message', (message) => this.#up(message as Partial<Address>));
    child.on('exit', (code, signal) => {
      this.#child = null;
      // From outside: not that it cannot begin.
      if (signal === 'SIGKILL') this.#delayMs = RESTART_DELAY_MS;
      if (this.#stopping || code === EXIT.usage || code === EXIT.done)
        this.#end(code ?? EXIT.failed);
      else this.#again(signal ?? `exit code ${code}`);
    });
  }

  #again(how: string): void {
    this.#say(`${this.#args[0]} died (${how}); it is started again`);
    this.#timer = setTimeout(() => this.#start(), this.#delayMs);
    this.#delayMs = Math.min(this.#delayMs * 2, RESTART_DELAY_MS_MAX);
  }

  /** What ended it was not that it cannot begin. */
  #up({ url, token }: Partial<Address>): void {
    this.#delayMs = RESTART_DELAY_MS;
    if (url === undefined) return;
    this.#say(`page: ${url}/#token=${token}`);
    this.#isReady(null);
  }
}
