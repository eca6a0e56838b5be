/** Real processes running a piece of TypeScript from this project. @module */
import { build } from 'esbuild';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Bundles a script whose imports are relative to the project's root. */
export async function script(folder: string, contents: string): Promise<string> {
  const outfile = join(folder, 'script.mjs');
  const stdin = { contents, resolveDir: process.cwd(), loader: 'ts' } as const;
  await build({ stdin, outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' });
  return outfile;
}

export interface Running {
  readonly child: ChildProcess;
  /** Its next line on stdout. */
  line(): Promise<string>;
  /** Kill -9, and until it is reaped. */
  kill(): Promise<void>;
}

export function run(path: string, ...args: readonly string[]): Running {
  const child = spawn(process.execPath, [path, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    line: async () => String((await lines.next()).value),
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
