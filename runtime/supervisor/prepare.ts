/**
 * Has a topology loaded, and its sources asked, in a process of its own that ends then: code of a user must not end,
 * block or fill up the supervisor or nimbus.
 *
 * @module
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Plan } from '../../topology/plan/plan.js';
import type { Assigned } from '../coordinator/assign.js';
import type { Shares } from '../planner/shares.js';
import type { TopologySource } from '../coordinator/protocol.js';

/** What to load. */
export interface ToPrepare {
  readonly source: TopologySource;
  readonly parameters: unknown;
  /** Where relative paths begin. */
  readonly directory: string;
  /** Given to have its sources asked: without it, it is only planned. */
  readonly assign?: {
    readonly workers: number;
    readonly shares: Shares;
    readonly stateDir: string;
    readonly hash: string;
  };
}

export interface Prepared {
  readonly plan: Plan;
  readonly receivers: readonly string[];
  readonly assignments: Assigned['assignments'];
  readonly counters: readonly (readonly [string, SpoutCounters])[];
}

type SpoutCounters = Assigned['counters'] extends ReadonlyMap<string, infer C> ? C : never;

export type Answer = { readonly prepared: Prepared } | { readonly error: string };

const TIMEOUT_MS = 120_000;

/** @throws Error that says what is wrong with the topology, or that a source does not answer */
export async function prepare(what: ToPrepare): Promise<Prepared> {
  const main = fileURLToPath(new URL('./prepare-main.js', import.meta.url));
  const child = fork(main, {
    cwd: what.directory,
    stdio: ['ignore', 2, 2, 'ipc'],
    timeout: TIMEOUT_MS,
  });
  child.send(what);
  const answer = await new Promise<Answer>((resolve) => {
    child.on('message', (message) => resolve(message as Answer));
    child.on('error', ({ message }) => resolve({ error: message }));
    child.on('exit', (code, signal) =>
      resolve({
        error:
          signal === 'SIGTERM'
            ? `nothing was answered within ${TIMEOUT_MS / 1000} s`
            : `the topology ended the process that loaded it (${signal ?? `exit code ${code}`})`,
      }),
    );
  });
  child.kill('SIGKILL');
  if ('error' in answer) throw new Error(answer.error);
  return answer.prepared;
}
