/** A cluster of the built CLI, in a folder of its own, whose processes can be killed one by one. @module */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { addressIn } from '../../../cli/cluster-folder.js';
import { Client } from '../../../cli/client.js';
import { readNote } from '../../../runtime/coordinator/leftovers.js';
import { isAlive } from '../../../runtime/state/process-id.js';
import { stateDirOf } from '../../../runtime/supervisor/folders.js';
import { MAIN } from '../cli.js';
import { childrenOf, isRunning } from '../chaos/processes.js';

export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Cluster {
  /** Where commands run, and topologies have their files; the cluster's folder is `c` in it. */
  readonly folder = mkdtempSync(join(tmpdir(), 'sq-'));
  readonly dir = join(this.folder, 'c');
  #child: ChildProcess | null = null;
  #stderr = '';

  /** Resolves when nimbus answers, and the supervisor is there. */
  async start(): Promise<void> {
    const args = [MAIN, 'cluster', 'start', '--cluster', this.dir, '--port', '0'];
    this.#child = spawn(process.execPath, args, {
      cwd: this.folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    await this.ready();
  }

  /** What its processes have said. */
  get stderr(): string {
    return this.#stderr;
  }

  async client(): Promise<Client> {
    return new Client(await addressIn(this.dir));
  }

  /** Resolves when nimbus answers and has heard of the supervisor. */
  async ready(): Promise<void> {
    await this.until('the cluster is there', async () => {
      const { url } = await addressIn(this.dir);
      return (await fetch(`${url}/readyz`)).ok;
    });
  }

  /** Runs a command of the CLI on it. */
  squall(...args: string[]): Promise<Said> {
    const child = spawn(process.execPath, [MAIN, ...args, '--cluster', this.dir], {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    return new Promise((done) => child.on('close', (code) => done({ code, stdout, stderr })));
  }

  /** The pid of `squall cluster start`. */
  get pid(): number {
    return this.#child!.pid!;
  }

  /** Undefined while it is away. */
  pidOf(half: 'nimbus' | 'supervisor'): number | undefined {
    return childrenOf(this.pid, `\0${half}\0`)[0];
  }

  stateDir(topology: string): string {
    return stateDirOf(this.dir, topology);
  }

  /** The pids of its live workers, by worker; those that receive are not among them. */
  async workers(topology: string): Promise<Map<number, number>> {
    const note = await readNote(this.stateDir(topology));
    const workers = new Map<number, number>();
    for (const each of note?.processes ?? []) {
      if (!('worker' in each) || !isAlive(each)) continue;
      workers.set(each.worker, each.pid);
    }
    return new Map([...workers].sort(([a], [b]) => a - b));
  }

  /** @throws Error when it does not hold in time; whatever the condition throws means that it does not */
  async until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    const deadlineMs = performance.now() + PATIENCE_MS;
    for (;;) {
      if (await holds(condition)) return;
      if (performance.now() > deadlineMs)
        throw new Error(`It took too long: ${what}\n${this.#stderr}\n${await this.#shown()}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** What is known of its topologies, for people. */
  async #shown(): Promise<string> {
    const all = await (await this.client()).list().catch((error: unknown) => error);
    return inspect([all, processesOf(this.dir)], { depth: 4 });
  }

  /** `kill -9` of a process; resolves when it is gone. */
  async kill(pid: number): Promise<void> {
    process.kill(pid, 'SIGKILL');
    await this.until(`${pid} is gone`, () => !isRunning(pid));
  }

  /** `kill -9` of all there is, as if the power had gone. */
  async killAll(topologies: readonly string[]): Promise<void> {
    const pids = [this.pid, this.pidOf('nimbus'), this.pidOf('supervisor')];
    for (const topology of topologies) pids.push(...(await this.workers(topology)).values());
    for (const pid of pids) if (pid !== undefined && isRunning(pid)) process.kill(pid, 'SIGKILL');
    for (const pid of pids)
      await this.until('all are gone', () => pid === undefined || !isRunning(pid));
  }

  /** For after the tests: ends what is left of it, and removes its folder. */
  async remove(topologies: readonly string[]): Promise<void> {
    if (this.#child !== null) await this.killAll(topologies);
    for (const pid of processesOf(this.dir)) await this.kill(pid);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Whatever it throws, at once or later. */
async function holds(condition: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return await condition();
  } catch {
    return false;
  }
}

const PATIENCE_MS = 60_000;
const POLL_MS = 5;

/** Every worker there is of the topologies of a cluster, whoever knows of it. */
export const processesOf = (dir: string): number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => isOurs(pid, dir) && isRunning(pid));

/** The pid may be another's by now. */
function isOurs(pid: number, dir: string): boolean {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return command.includes('/worker/main.js') && command.includes(dir);
  } catch {
    return false;
  }
}
