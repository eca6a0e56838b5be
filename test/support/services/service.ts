/**
 * Real servers for tests: each on free ports, in a folder of its own, stopped by its pid.
 *
 * @module
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Program {
  /** In messages, and the name of its folder. */
  readonly name: string;
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly folder: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Whether it answers. Asked again and again; one that throws is asked again, too. */
  readonly answers: () => Promise<boolean>;
}

const ASK_PERIOD_MS = 20;
/** A machine may be slow; a server that hangs is still told from one that starts. */
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;

const running = new Set<Service>();
// Jest may be ended in the middle of a test.
process.on('exit', () => {
  for (const service of running) service.signal('SIGKILL');
});

/** A server that can be stopped, killed and started again on the same ports and folder. */
export class Service {
  readonly #program: Program;
  #child: ChildProcess | null = null;

  constructor(program: Program) {
    this.#program = program;
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  /** @throws Error with the end of its log when it ends or does not answer */
  async start(): Promise<this> {
    const { command, folder, env, name, answers } = this.#program;
    mkdirSync(folder, { recursive: true });
    const log = openSync(this.log, 'a');
    const child = spawn(command[0]!, command.slice(1), {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#child = child;
    running.add(this);
    let ended: string | undefined;
    child.on('error', (error) => (ended = error.message));
    child.on('exit', (code, signal) => (ended = `it ended with ${code ?? signal}`));
    const deadlineMs = performance.now() + START_TIMEOUT_MS;
    while (!(await answers().catch(() => false))) {
      if (performance.now() > deadlineMs) ended ??= `it does not answer`;
      if (ended !== undefined) {
        this.signal('SIGKILL');
        throw new Error(`${name} did not start: ${ended}\n${this.#endOfLog()}`);
      }
      await sleep(ASK_PERIOD_MS);
    }
    return this;
  }

  /** What it printed. */
  get log(): string {
    return join(this.#program.folder, `${this.#program.name}.log`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** As a crash: kill -9. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** SIGTERM, and SIGKILL when that does not help. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.signal('SIGKILL'), STOP_TIMEOUT_MS);
    await this.#end('SIGTERM');
    clearTimeout(timer);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
    }
    running.delete(this);
  }

  #endOfLog(): string {
    return readFileSync(this.log, 'utf8').split('\n').slice(-20).join('\n');
  }
}

/** Ports of this machine that nobody listens on now. Reserved together, so all are different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = [];
  for (let i = 0; i < count; i++) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push(server);
  }
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) server.close();
  return ports;
}

/** A new folder for one server, and how to remove it. */
export function serverFolder(name: string): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), `squall-${name}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Whether a program is installed; if not, one line says how to get it. */
export function isInstalled(program: string, debianPackage: string): boolean {
  const { status } = spawnSync('sh', ['-c', `command -v ${program}`]);
  if (status === 0) return true;
  process.stderr.write(`skipped: ${program} is not installed (apt-get install ${debianPackage})\n`);
  return false;
}
