/** What becomes of the messages of a topology while it is struck. @module */
import { setTimeout as sleep } from 'node:timers/promises';
import { readCommits } from '../../runtime/state/commits.js';
import type { TopologyStatus } from '../../runtime/nimbus/status.js';
import type { Client } from '../client.js';
import { CommandError, EXIT } from '../exit-codes.js';

export interface Account {
  /** Messages that sources began, as far as they are committed. */
  readonly emitted: number;
  readonly acked: number;
  readonly deadLetters: number;
}

const PERIOD_MS = 500;
const REST_MS = 120_000;
/** Longer than between two reports of a worker, and of the supervisor. */
const REST_PERIOD_MS = 1500;

/** Adds up, over the lives of workers and supervisors, how often messages were begun again. */
export class Replays {
  readonly #client: () => Promise<Client>;
  readonly #name: string;
  readonly #timer: NodeJS.Timeout;
  #replayed = 0;
  #inFlight = 0;
  #before = 0;

  constructor(client: () => Promise<Client>, name: string, { components }: TopologyStatus) {
    this.#client = client;
    this.#name = name;
    this.#before = replayedIn(components);
    this.#timer = setInterval(() => void this.#look(), PERIOD_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** What was in flight when it was looked at last may be done again. */
  struck(): void {
    this.#replayed += this.#inFlight;
  }

  get atMost(): number {
    return this.#replayed;
  }

  async #look(): Promise<void> {
    const status = await this.#client()
      .then((client) => client.show(this.#name))
      .catch(() => undefined);
    if (status === undefined) return;
    const now = replayedIn(status.components);
    this.#replayed += Math.max(0, now - this.#before);
    this.#before = now;
    this.#inFlight = status.workerStatus.reduce((sum, { inFlight }) => sum + inFlight, 0);
  }
}

const replayedIn = (components: TopologyStatus['components']): number =>
  components.reduce((sum, { replayed }) => sum + replayed, 0);

/** What the spouts have committed. @param stateDir of the topology */
export async function committed(
  stateDir: string,
  { components }: TopologyStatus,
): Promise<Account> {
  const sum = { emitted: 0, acked: 0, deadLetters: 0 };
  for (const { name, role } of components) {
    if (role !== 'spout') continue;
    const { counters } = await readCommits(stateDir, name);
    sum.emitted += counters.emitted;
    sum.acked += counters.acked;
    sum.deadLetters += counters.deadLetters;
  }
  return sum;
}

/**
 * Has it begin no new message, waits until nothing is in flight and nothing more is committed, and lets it go on.
 * @throws CommandError when it does not run any more, or does not come to rest
 */
export async function atRest(
  client: () => Promise<Client>,
  name: string,
  stateDir: string,
): Promise<Account> {
  await (await client()).change(name, 'pause');
  const deadlineMs = performance.now() + REST_MS;
  let before = '';
  for (;;) {
    const status = await (await client()).show(name);
    const { state, reached, generation, workerStatus, reason } = status;
    if (state === 'failed' || state === 'completed' || state === 'drained')
      throw new CommandError(
        `${name} is ${state}: ${reason ?? 'its input has ended'}`,
        EXIT.failed,
      );
    const account = await committed(stateDir, status);
    const rests =
      state === 'paused' &&
      reached === generation &&
      workerStatus.every(({ up, inFlight }) => up && inFlight === 0) &&
      JSON.stringify(account) === before;
    before = JSON.stringify(account);
    if (rests) {
      await (await client()).change(name, 'resume');
      return account;
    }
    if (performance.now() > deadlineMs)
      throw new CommandError(`${name} does not come to rest: see squall show ${name}`, EXIT.failed);
    await sleep(REST_PERIOD_MS);
  }
}
